"""Stylesheet and script: read once, served under an address that contains a hash of the content, so that they may be kept forever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A static file as it is served."""

    content: bytes
    packed: bytes  # by gzip
    media_type: str
    hash: str


@cache
def assets() -> dict[str, Asset]:
    """Every static file, by name."""
    return {file.name: _read(file) for file in sorted(FOLDER.iterdir()) if file.suffix in MEDIA_TYPES}


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, gzip.compress(content, 9, mtime=0), MEDIA_TYPES[file.suffix], hashlib.sha256(content).hexdigest()[:16])


def address(service: str | None, name: str) -> str:
    """Where a page of a service finds a static file; pages of no service find it at the root."""
    prefix = f"/{service}" if service else ""
    return f"{prefix}/static/{assets()[name].hash}/{name}"


async def serve(request: Request) -> Response:
    """Answers a static file. An address with another hash belongs to another version and is not answered with this one."""
    asset = assets().get(request.path_params["name"])
    if asset is None or asset.hash != request.path_params["hash"]:
        raise HTTPException(404)
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def route(service: str | None) -> Route:
    """The route of the static files under one prefix."""
    prefix = f"/{service}" if service else ""
    return Route(f"{prefix}/static/{{hash}}/{{name}}", serve, name=f"{service or 'root'}-static")
