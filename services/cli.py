"""The command line `./zorgspoor`. A command's module is loaded only when the command is used: production has no embedded servers, and help is quick."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is defined (its function has the command's name, with _ for -) and what the list of commands says of it."""

    module: str
    says: str


COMMANDS = {
    "up": Entry("services.commands.stack", "Start everything here: PostgreSQL, Kafka, the three services."),
    "down": Entry("services.commands.stack", "Stop what `up --detach` (or another terminal) started."),
    "reset": Entry("services.commands.stack", "Stop and delete all data, after asking."),
    "init-secrets": Entry("services.commands.secret_files", "Make the passwords and keys that compose needs, as files."),
    "migrate": Entry("services.commands.migrate", "Make databases, logins, topics and tables as far as missing."),
    "audit": Entry("services.commands.audit", "Verify the audit, or export it as FHIR AuditEvents."),
    "token": Entry("services.commands.token", "Print a token for a persona of the demonstration."),
    "client": Entry("services.commands.client", "Let machines of organisations in, and shut them out."),
    "sessions": Entry("services.commands.sessions", "End the sessions of somebody who left, or of everybody."),
    "zones": Entry("services.commands.imports", "Import zones and their municipalities."),
    "workforce": Entry("services.commands.imports", "Import coordinators and other workers of zones."),
    "directory": Entry("services.commands.imports", "Import organisations and providers."),
    "keys": Entry("services.commands.keys", "Rotate the master key of personal data; dump and restore the data keys."),
    "erase": Entry("services.commands.privacy", "Erase a person in every service, and wait until all confirm."),
    "repeat-erasures": Entry("services.commands.repeating", "After a restore, erase again who was erased since."),
    "hold": Entry("services.commands.privacy", "Set or lift a legal hold on a person."),
    "retention": Entry("services.commands.privacy", "Let go of what is past its period, or count it."),
    "messages": Entry("services.commands.messages", "Bring the catalogues of languages up to date with the texts of the pages."),
    "contracts": Entry("services.commands.contracts", "Write what others build against: OpenAPI, AsyncAPI, events."),
    "bench": Entry("services.commands.bench", "Measure how many referrals a second go all the way."),
    "simulate": Entry("services.commands.simulate", "Refer people out of a real population and see what becomes of them."),
    "sbom": Entry("services.commands.sbom", "Print what the image is made of, as CycloneDX."),
    "test": Entry("services.commands.checks", "Run everything that CI runs, or parts of it."),
}


class Commands(click.Group):
    """The table above as a group of commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(entry.module), cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.says) for name, entry in COMMANDS.items()])


@click.command(cls=Commands)
def main() -> None:
    """Zorgspoor: a referral becomes a named care coordinator, and nobody falls through."""


if __name__ == "__main__":
    main(prog_name="zorgspoor")
