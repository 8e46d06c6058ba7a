"""Verifying the audit of one service: the chain made again from its entries, and laid beside its seals and its signed checkpoints."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.access.audit import chain, checkpoints, seals
from shared.access.audit.chain import NOTHING, Seal

ROWS_AT_ONCE = 20_000
SEALS_AT_ONCE = 2_000


@dataclass(slots=True)
class Verdict:
    """What was found of one service. `unsealed`: entries too new to be sealed."""

    service: str
    entries: int = 0
    seals: int = 0
    checkpoints: int = 0
    unsealed: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        return not self.problems


async def verify(connection: Any, service: str, folder: Path | None, key: Ed25519PublicKey | None) -> Verdict:
    """Make the chain again. Without `folder` nothing can show that the end was cut off. `connection` is in a transaction that sees one moment."""
    verdict, started = Verdict(service), time.perf_counter()
    signed = _signed(verdict, folder, key)
    last, hashes = await _follow(connection, verdict, {checkpoint.place for checkpoint in signed})
    if last.place and folder is not None and not signed:
        verdict.problems.append("there is no signed checkpoint, although something was sealed")
    for checkpoint in signed:
        if checkpoint.place > last.place:
            verdict.problems.append(
                f"the chain ends at seal {last.place}; a signed checkpoint of {checkpoint.at:%Y-%m-%d %H:%M} says {checkpoint.place}"
            )
        elif hashes.get(checkpoint.place) != checkpoint.hash:
            verdict.problems.append(f"seal {checkpoint.place} is not the one that was signed on {checkpoint.at:%Y-%m-%d %H:%M}")
    verdict.seconds = time.perf_counter() - started
    return verdict


def _signed(verdict: Verdict, folder: Path | None, key: Ed25519PublicKey | None) -> list[checkpoints.Checkpoint]:
    if folder is None or key is None:
        return []
    file = checkpoints.file_of(folder, verdict.service)
    try:
        found = checkpoints.read(file)
    except ValueError as error:
        verdict.problems.append(f"{file.name}: {error}")
        return []
    verdict.checkpoints = len(found)
    for number, checkpoint in enumerate(found, 1):
        if checkpoint.service != verdict.service or not checkpoints.holds(key, checkpoint):
            verdict.problems.append(f"{file.name}, line {number}: not signed with this key")
    for one, other in pairwise(found):
        if other.place <= one.place:
            verdict.problems.append(f"{file.name}: seal {other.place} is signed after seal {one.place}")
    return found


async def _follow(connection: Any, verdict: Verdict, wanted: set[int]) -> tuple[Seal, dict[int, str]]:
    """Follow the seals to the end; the last one, and the hashes at the wanted places."""
    servers = [*await seals.servers(connection), seals.FOR_EVER]
    ends = dict(pairwise(servers))  # up to which id a server's numbering of transactions counts
    last, hashes = NOTHING, {}
    while page := await seals.page(connection, last.place, SEALS_AT_ONCE):
        for after_id, group in groupby(page, key=lambda seal: seal.after_id):
            for some in _portions(list(group)):
                last = await _check(connection, verdict, last, some, until_id=ends[after_id])
                hashes.update({seal.place: seal.hash.hex() for seal in some if seal.place in wanted})
    verdict.unsealed = await seals.unsealed(connection, last)
    if (extra := await seals.counted(connection) - verdict.entries - verdict.unsealed) != 0:
        verdict.problems.append(f"{extra} entries stand outside the chain")
    return last, hashes


def _portions(group: Sequence[Seal]) -> list[list[Seal]]:
    """Seals that follow each other, in portions of so many entries."""
    portions: list[list[Seal]] = [[]]
    size = 0
    for seal in group:
        if size + seal.entries > ROWS_AT_ONCE and portions[-1]:
            portions.append([])
            size = 0
        portions[-1].append(seal)
        size += seal.entries
    return portions


async def _check(connection: Any, verdict: Verdict, last: Seal, some: Sequence[Seal], *, until_id: int) -> Seal:
    first = some[0]
    rows = await seals.entries(connection, from_tx=first.from_tx, to_tx=some[-1].to_tx, after_id=first.after_id, until_id=until_id)
    place = 0
    for seal in some:
        begun = place
        while place < len(rows) and rows[place]["tx"] < seal.to_tx:
            place += 1
        _judge(verdict, last, seal, rows[begun:place])
        last = seal
    return last


def _judge(verdict: Verdict, last: Seal, seal: Seal, rows: Sequence[Any]) -> None:
    verdict.seals += 1
    verdict.entries += len(rows)
    if seal.place != last.place + 1:
        verdict.problems.append(f"seals {last.place + 1} to {seal.place - 1} are gone")
    begins = last.to_tx if seal.after_id == last.after_id else 0
    if seal.from_tx != begins or seal.after_id not in (last.after_id, last.last_id):
        verdict.problems.append(f"seal {seal.place} does not begin where seal {last.place} ends")
    if not rows:
        verdict.problems.append(f"seal {seal.place}: its {seal.entries} entries are gone")
        return
    made = chain.sealed(last, rows, after_id=seal.after_id, from_tx=seal.from_tx, to_tx=seal.to_tx)
    if made.entries != seal.entries:
        verdict.problems.append(
            f"seal {seal.place} (entries up to id {seal.last_id}) holds {made.entries} entries instead of {seal.entries}"
        )
    if made.hash != seal.hash or made.last_id != seal.last_id:
        verdict.problems.append(f"seal {seal.place} (entries up to id {seal.last_id}) does not fit what stands in it")
