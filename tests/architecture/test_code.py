"""Rules of the code that no linter has: who reads the clock, how SQL is written, what says what it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import tree

CLOCK = tree.PROJECT / "shared" / "clock.py"
READS_THE_CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
SLEEPS = ("time", "sleep")
# What watches processes from outside has no event loop to wait in.
WATCHES_PROCESSES = ("services/commands/", "deploy/")
RUNS_SQL = {"fetch", "fetchrow", "fetchval", "execute", "executemany"}
# Statements that are no literal at the place where they run, and why.
NO_LITERAL = {
    "shared/messaging/migrations.py": "runs the migration files",
    "deploy/embedded/provision.py": "statements of definition take no parameters: the server quotes the words into them",
    "deploy/bench/measure.py": "one place opens, asks and closes; its callers pass literals",
    "deploy/bench/seeding.py": "one long statement, named for its line",
}

READS_TEXT = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
# Expressions that are no literal, and why.
NO_LITERAL_EXPRESSION = {"deploy/embedded/kafka.py": "names of settings of ours, escaped"}
# Of the library of ciphers and signatures, what is approved: authenticated encryption, ed25519, and reading other people's public keys.
CIPHERS = {
    "AESGCM",
    "Ed25519PrivateKey",
    "Ed25519PublicKey",
    "EllipticCurvePublicKey",
    "RSAPublicKey",
    "load_pem_public_key",
    "load_pem_private_key",
    "Encoding",
    "NoEncryption",
    "PrivateFormat",
    "PublicFormat",
    "InvalidSignature",
    "InvalidTag",
}
HASHES = {"sha256", "sha512", "blake2b"}
# Where chance may be guessed, and why.
MAY_BE_GUESSED = {
    "shared/web/live.py": "spreads when browsers come back",
    "services/notifications/delivery/rounds.py": "spreads tries over time",
    "deploy/embedded/processes.py": "tries ports",
    "deploy/bench/": "loads and measures",
    "deploy/demo/": "made-up people",
    "deploy/simulation/": "made-up people",
    "services/coordination/whatif/": "tries out what may happen; nothing is decided by it",
}


def called(call: ast.Call) -> tuple[str, str]:
    """The last two names of what is called: `datetime.datetime.now()` is (datetime, now)."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return owner, name
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return "", name
    return "", ""


def clock_reads(module: ast.Module, *, may_sleep: bool) -> Iterator[int]:
    """The lines that read a clock of their own, or sleep."""
    for call in tree.calls(module):
        if called(call) in READS_THE_CLOCK or (called(call) == SLEEPS and not may_sleep):
            yield call.lineno


def is_literal(statement: ast.expr) -> bool:
    return isinstance(statement, ast.Constant) and isinstance(statement.value, str | bytes)


def built_sql(module: ast.Module) -> Iterator[int]:
    """The lines that run a statement which is not a literal: it could have been built from input."""
    for call in tree.calls(module):
        if isinstance(call.func, ast.Attribute) and call.func.attr in RUNS_SQL and call.args and not is_literal(call.args[0]):
            yield call.lineno


def built_expressions(module: ast.Module) -> Iterator[int]:
    """The lines that make a regular expression of anything but a literal: what somebody typed could be read as an expression."""
    for call in tree.calls(module):
        if called(call)[0] == "re" and called(call)[1] in READS_TEXT and not is_literal(call.args[0]):
            yield call.lineno


def other_cryptography(module: ast.Module) -> Iterator[int]:
    """The lines that use a cipher, a signature or a hash which is not on the list."""
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module=str(source), names=names) if source.split(".")[0] in ("cryptography", "hashlib"):
                if not {name.name for name in names} <= CIPHERS | HASHES:
                    yield node.lineno
            case ast.Import(names=names) if any(name.name.split(".")[0] in ("cryptography", "Crypto", "nacl") for name in names):
                yield node.lineno
            case ast.Attribute(value=ast.Name(id="hashlib"), attr=name) if name not in HASHES | {"file_digest"}:
                yield node.lineno
            case ast.Call() if called(node) in {("hmac", "digest"), ("hmac", "new"), ("hashlib", "file_digest")}:
                kind = node.args[-1]
                if not (isinstance(kind, ast.Constant) and kind.value in HASHES) and not isinstance(kind, ast.Attribute):
                    yield node.lineno


def guessable(module: ast.Module) -> Iterator[int]:
    """The lines that import a generator of numbers that can be guessed."""
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names) if any(name.name == "random" for name in names):
                yield node.lineno
            case ast.ImportFrom(module="random"):
                yield node.lineno


def unexplained(module: ast.Module) -> Iterator[str]:
    """The public classes and functions of a module without a docstring, and the module itself."""
    if ast.get_docstring(module) is None:
        yield "the module"
    for node in module.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith("_") and ast.get_docstring(node) is None:
            yield f"{node.name}, line {node.lineno}"


def found_in(path: Path, places: Iterator[object]) -> list[str]:
    return [f"{tree.named(path)}:{place}" for place in places]


def test_one_clock():
    watching = {path: tree.named(path).startswith(WATCHES_PROCESSES) for path in tree.modules() if path != CLOCK}
    assert [
        line for path, may_sleep in watching.items() for line in found_in(path, clock_reads(tree.parsed(path), may_sleep=may_sleep))
    ] == []


@pytest.mark.parametrize("code", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.sleep(1)"])
def test_a_second_clock_is_seen(code: str):
    assert list(clock_reads(ast.parse(code), may_sleep=False)) == [1]


def test_every_statement_of_sql_is_a_literal_where_it_runs():
    looked_at = [path for path in tree.modules() if tree.named(path) not in NO_LITERAL]
    assert [line for path in looked_at for line in found_in(path, built_sql(tree.parsed(path)))] == []


@pytest.mark.parametrize(
    "code",
    [
        "tx.execute(f'delete from {table}')",
        "tx.fetch('select ' + columns)",
        "tx.fetchval('select %s' % name)",
        "tx.fetchrow('select {}'.format(name))",
        "tx.executemany(statement, rows)",
    ],
)
def test_a_built_statement_is_seen(code: str):
    assert list(built_sql(ast.parse(code))) == [1]


def test_every_exception_to_literal_sql_still_needs_to_be_one():
    assert [name for name in NO_LITERAL if not list(built_sql(tree.parsed(tree.PROJECT / name)))] == []


def test_every_regular_expression_is_a_literal():
    looked_at = [path for path in tree.modules() if tree.named(path) not in NO_LITERAL_EXPRESSION]
    assert [line for path in looked_at for line in found_in(path, built_expressions(tree.parsed(path)))] == []
    assert [name for name in NO_LITERAL_EXPRESSION if not list(built_expressions(tree.parsed(tree.PROJECT / name)))] == []


@pytest.mark.parametrize("code", ["re.search(typed, text)", "re.compile(rf'^{typed}$')", "re.sub('a' + typed, '', text)"])
def test_a_built_expression_is_seen(code: str):
    assert list(built_expressions(ast.parse(code))) == [1]


def test_only_approved_cryptography_is_used():
    assert [line for path in tree.modules() for line in found_in(path, other_cryptography(tree.parsed(path)))] == []


@pytest.mark.parametrize(
    "code",
    [
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes",
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV",
        "from cryptography.fernet import Fernet",
        "import cryptography.hazmat.primitives.ciphers",
        "from hashlib import md5",
        "hashlib.sha1(text)",
        "hashlib.new(name)",
        "hashlib.file_digest(file, 'md5')",
        "hmac.new(key, text, 'md5')",
        "hmac.digest(key, text, hashlib.md5)",
    ],
)
def test_other_cryptography_is_seen(code: str):
    assert list(other_cryptography(ast.parse(code))) == [1]


def test_chance_that_can_be_guessed_decides_nothing():
    looked_at = [path for path in tree.modules() if not tree.named(path).startswith(tuple(MAY_BE_GUESSED))]
    assert [line for path in looked_at for line in found_in(path, guessable(tree.parsed(path)))] == []


@pytest.mark.parametrize("code", ["import random", "from random import choice"])
def test_chance_that_can_be_guessed_is_seen(code: str):
    assert list(guessable(ast.parse(code))) == [1]


def test_everything_public_in_the_kernel_says_what_it_is():
    modules = [path for path in tree.modules("shared") if path.read_text().strip()]
    assert [line for path in modules for line in found_in(path, unexplained(tree.parsed(path)))] == []


def test_nothing_is_left_to_be_done():
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError\(\)|raise NotImplementedError$", re.MULTILINE)
    assert [tree.named(path) for path in tree.modules() if later.search(path.read_text())] == []
