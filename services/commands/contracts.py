"""`zorgspoor contracts`: what others may rely on, written down from the code that does it: AsyncAPI, OpenAPI, and the table of events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import httpx
import orjson
from starlette.applications import Starlette

from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from services.notifications.messages.domain import TOLD, UNTOLD
from services.serving import App
from shared.events import PRODUCERS, asyncapi, events_of, topic
from shared.items import Event
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from shared.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
HEAD = """# Events

Made by `./zorgspoor contracts` from `shared/events` and the subscriptions of the services; do not edit.

Events are CloudEvents 1.0 in Kafka's binary mode, one topic per producer. Records with the same key are in order. They carry ids, codes, numbers
and times only. Within a version fields are only added, so readers ignore what they do not know; a breaking change is a new type, and both
are published for a while. `asyncapi.json`, written by the same command, has the schemas, headers and examples.
"""


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=PROJECT / "docs",
    show_default="docs",
    metavar="DIR",
    help="Where to write.",
)
def contracts(out: Path) -> None:
    """Write asyncapi.json, openapi-SERVICE.json and events.md."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files(apps()).items():
        (out / name).write_bytes(content)
        click.echo(out / name)


def apps() -> dict[str, App]:
    """The composition root of each service, by name."""
    return {"intake": intake, "coordination": coordination, "notifications": notifications}


def files(by_name: Mapping[str, App]) -> dict[str, bytes]:
    """Every file of the contracts, by name."""
    services = [app.service() for app in by_name.values()]
    hearing = {service.name: tuple(service.subscriptions) for service in services if service.subscriptions}
    written = {f"openapi-{name}.json": _pretty(orjson.loads(asyncio.run(served(name, app)))) for name, app in by_name.items()}
    return written | {"asyncapi.json": _pretty(asyncapi.document(hearing)), "events.md": events_page(services).encode()}


async def served(name: str, app: App) -> bytes:
    """The OpenAPI document as the service itself answers it; no database is asked."""
    kernel = Kernel(app.service(), Settings())
    transport = httpx.ASGITransport(Starlette(routes=app.routes(kernel)))
    async with httpx.AsyncClient(transport=transport, base_url="http://zorgspoor.example") as client:
        answer = await client.get(f"/{name}/api/openapi.json")
    return answer.raise_for_status().content


def events_page(services: Sequence[Service]) -> str:
    """Every event: when it is published, what it carries, who hears it and what they do with it."""
    return "\n".join([HEAD, *(_section(producer, services) for producer in PRODUCERS)])


def _section(producer: str, services: Sequence[Service]) -> str:
    lines = [
        f"## {producer}: topic `{topic(producer)}`",
        "",
        "| event | when | carries (key first) | heard by |",
        "|---|---|---|---|",
        *(
            f"| `{type_}` | {asyncapi.summary(cls)} | {_fields(cls)} | {_heard(cls, services)} |"
            for type_, cls in events_of(producer).items()
        ),
        "",
    ]
    return "\n".join(lines)


def _fields(cls: type[Event]) -> str:
    key = asyncapi.key_field(asyncapi.example(cls))
    return ", ".join([f"**`{key}`**", *(f"`{name}`" for name in cls.model_fields if name != key)])


def _heard(cls: type[Event], services: Sequence[Service]) -> str:
    return " ".join(f"**{service.name}**: {_effect(cls, service)}" for service in services if cls in service.subscriptions) or "nobody"


def _effect(cls: type[Event], service: Service) -> str:
    """What a service does with an event: what its handler says of itself, or whom it tells what."""
    if service.name == "notifications" and cls in TOLD:
        told = " and ".join(f"the {role.replace('_', ' ')} (`{kind}`)" for role, kind in TOLD[cls])
        return f"Tell {told}{', unless it is no news there' if cls in UNTOLD else ''}."
    return asyncapi.summary(service.subscriptions[cls])


def _pretty(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
