"""Run the demonstration's identity provider: `python -m deploy.demo.identity --port 8090 --directory DIR`. Settings are those of the services."""

from __future__ import annotations

from pathlib import Path

import click
import uvicorn

from deploy.demo.identity.signing import Signer
from deploy.demo.identity.web import Provider
from shared.access.start import UnsafeStart, check_start, is_loopback
from shared.settings import Settings, settings


def check(chosen: Settings) -> None:
    """Raises UnsafeStart anywhere but in a demonstration on this machine: here anyone can be anyone."""
    if not chosen.demo:
        raise UnsafeStart(
            "ZORGSPOOR_DEMO is off: the demonstration's identity provider lets anyone be anyone, and belongs in a demonstration only."
        )
    check_start(chosen)
    if not is_loopback(chosen.identity_issuer):
        raise UnsafeStart(f"ZORGSPOOR_IDENTITY_ISSUER is {chosen.identity_issuer}: the demonstration's provider is for this machine only.")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8090, show_default=True)
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where its key is kept.")
def main(host: str, port: int, directory: Path) -> None:
    """Vouch for the personas of the demonstration."""
    chosen = settings()
    try:
        check(chosen)
    except UnsafeStart as error:
        raise click.ClickException(str(error)) from error
    provider = Provider(chosen, Signer.kept(chosen.identity_issuer, directory))
    uvicorn.run(provider.app(), host=host, port=port, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="off")


if __name__ == "__main__":
    main()
