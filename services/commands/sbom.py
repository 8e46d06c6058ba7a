"""`zorgspoor sbom`: a bill of materials in CycloneDX, made from the locks, so that it names exactly what is installed."""

from __future__ import annotations

import json
import re
import tomllib
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import click

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = {"image": "deploy/requirements.lock", "all": "requirements.lock", "tests": "tests/requirements.lock"}
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SCRIPTS = "shared/web/vendor/package-lock.json"  # what browsers are sent
BY = re.compile(r"# +(?:via )?([A-Za-z0-9._-]+)(?: \(pyproject\.toml\))?$")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: its hashes, and which packages (or the project) need it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]


@click.command()
@click.option(
    "--of",
    type=click.Choice(list(LOCKS)),
    default="image",
    show_default=True,
    help="What is in the image, on a machine, or what tests need.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
def sbom(*, of: str, output: Path | None) -> None:
    """Print what an installation is made of, as CycloneDX 1.6 (JSON): the same for the same lock."""
    text = document(*((PROJECT / file).read_text() for file in (LOCKS[of], "pyproject.toml", SCRIPTS)))
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n")
        click.echo(f"{output}: {len(json.loads(text)['components'])} components", err=True)


def document(lock: str, project: str, scripts: str) -> str:
    """The bill of materials of a lock, and of the scripts that pages bring. Raises ClickException when the library for it is not installed."""
    try:
        from cyclonedx.model import HashAlgorithm, HashType
        from cyclonedx.model.bom import Bom
        from cyclonedx.model.component import Component, ComponentType
        from cyclonedx.output.json import JsonV1Dot6
        from packageurl import PackageURL
    except ImportError as error:
        raise click.ClickException("The bill of materials needs cyclonedx-python-lib: install the extra `sbom` of the project.") from error
    about = tomllib.loads(project)["project"]
    own = Component(name=about["name"], version=about["version"], type=ComponentType.APPLICATION, bom_ref=about["name"])
    packages = read(lock)
    components = {
        package.name: Component(
            name=package.name,
            version=package.version,
            purl=PackageURL("pypi", None, package.name, package.version),
            bom_ref=f"{package.name}=={package.version}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hash_) for hash_ in package.hashes],
        )
        for package in packages
    }
    brought = [
        Component(
            name=package.name,
            version=package.version,
            purl=PackageURL("npm", None, package.name, package.version),
            bom_ref=f"{package.name}@{package.version}",
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=hash_) for hash_ in package.hashes],
        )
        for package in read_scripts(scripts)
    ]
    made = Bom(components=[*components.values(), *brought], serial_number=uuid5(NAMESPACE_URL, lock + scripts))
    made.metadata.component = own
    made.register_dependency(own, brought)
    for package in packages:
        for needing in package.needed_by:
            made.register_dependency(own if needing == about["name"] else components[needing], [components[package.name]])
    output: str = JsonV1Dot6(made).output_as_string(indent=2)
    return output


def read(lock: str) -> list[Locked]:
    """The packages of a lock as `uv pip compile --generate-hashes` writes it."""
    found: list[Locked] = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", "\n" + lock):
        if pin := PIN.match(block.lstrip("\n")):
            by = tuple(match[1].lower() for line in block.splitlines() if (match := BY.search(line.strip())) and match[1] != "via")
            found.append(Locked(pin[1].lower(), pin[2], tuple(HASH.findall(block)), by))
    return found


def read_scripts(lock: str) -> list[Locked]:
    """The packages of a lock as npm writes it."""
    packages = json.loads(lock)["packages"].items()
    return [
        Locked(path.removeprefix("node_modules/"), package["version"], (_hex(package["integrity"]),), ())
        for path, package in packages
        if path
    ]


def _hex(integrity: str) -> str:
    """A SHA-512 as a bill of materials has it, from how npm writes it."""
    return b64decode(integrity.removeprefix("sha512-")).hex()
