"""The front door with https: what it speaks, by a real Caddy where one is on the PATH, and what Compose makes of deploy/https.yml."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.embedded import processes
from tests.architecture import tree
from tests.architecture.test_compose import SERVICES, published, rendered

NAME = "zorgspoor.example"
FILE = tree.PROJECT / "deploy" / "caddy" / "Caddyfile"
SETS = ("docker-compose.yml", "deploy/https.yml")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this name and its key, as an authority would give."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, SHA256())
    )
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return chain, secret


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a front door with https and no services behind it, and its certificate."""
    binary = shutil.which("caddy")
    if binary is None:
        pytest.skip("no caddy on the PATH")
    home, port, health = tmp_path_factory.mktemp("door"), processes.free_port(), processes.free_port()
    chain, secret = certificate(home)
    file = home / "Caddyfile"
    file.write_text(FILE.read_text().replace("127.0.0.1:8081", f"127.0.0.1:{health}"))
    environment = {
        "HOME": str(home),
        "ZORGSPOOR_DOOR": "encrypted",
        "ZORGSPOOR_DOOR_ADDRESS": f"https://:{port}",
        "ZORGSPOOR_TLS_CERTIFICATE": str(chain),
        "ZORGSPOOR_TLS_KEY": str(secret),
    }
    log = home / "log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [binary, "run", "--config", str(file), "--adapter", "caddyfile"], env=environment, stdout=output, stderr=output, cwd=home
        )
    try:
        processes.until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), child, name="Caddy", log=log, seconds=60)
        yield port, chain
    finally:
        child.terminate()
        child.wait(30)


def greeted(door: tuple[int, Path], version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> tuple[str | None, str]:
    """The protocol and cipher that a client of this version gets. Raises SSLError when it gets none."""
    context = ssl.create_default_context(cafile=str(door[1]))
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", door[0]), timeout=10) as plain, context.wrap_socket(plain, server_hostname=NAME) as secure:
        secure.sendall(f"GET /livez HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        assert b"strict-transport-security: max-age=31536000; includesubdomains" in secure.recv(65_536).lower()
        return secure.version(), (secure.cipher() or ("",))[0]


def test_it_speaks_tls_1_2_and_1_3_with_forward_secrecy_and_authenticated_ciphers(door: tuple[int, Path]) -> None:
    assert greeted(door, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    version, cipher = greeted(door, ssl.TLSVersion.TLSv1_2)
    assert version == "TLSv1.2"
    assert re.fullmatch(r"ECDHE-\w+-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", cipher)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_it_speaks_nothing_older(door: tuple[int, Path], version: ssl.TLSVersion) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        greeted(door, version)


@pytest.mark.parametrize("ciphers", ["RC4", "3DES", "AES128-SHA", "AES128-GCM-SHA256", "NULL", "aNULL", "EXPORT"])
def test_it_takes_no_weak_cipher(door: tuple[int, Path], ciphers: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        greeted(door, ssl.TLSVersion.TLSv1_2, f"{ciphers}:@SECLEVEL=0")


def test_it_answers_nothing_without_tls(door: tuple[int, Path]) -> None:
    with socket.create_connection(("127.0.0.1", door[0]), timeout=10) as plain:
        plain.sendall(f"GET /livez HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        assert plain.recv(65_536).startswith(b"HTTP/1.0 400 ")


def test_compose_opens_https_only_and_tells_the_services() -> None:
    file = rendered("bare", files=SETS, ZORGSPOOR_HOST=NAME)
    assert published(file) == {"caddy": {"everywhere"}}
    assert [(port["target"], port["published"]) for port in file["services"]["caddy"]["ports"]] == [(8443, "443")]
    assert {file["services"][name]["environment"]["ZORGSPOOR_PUBLIC_URL"] for name in SERVICES} == {f"https://{NAME}"}
    assert {file["services"][name]["environment"]["ZORGSPOOR_DEMO"] for name in SERVICES} == {"false"}
    assert {secret["source"] for secret in file["services"]["caddy"]["secrets"]} == {"tls_certificate", "tls_key"}
    with pytest.raises(AssertionError, match="as in its certificate"):
        rendered("bare", files=SETS)
