"""Giving the rights of the table to Kafka's principals, and taking back what else they have. aiokafka has the messages, but no calls for them."""

from __future__ import annotations

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from deploy.embedded.rights import KAFKA, Kind, Operation, Right
from shared.settings import SERVICES

_ANY, _LITERAL, _ALLOW = 1, 3, 3
_EVERY_HOST = "*"


async def give(admin: AIOKafkaAdminClient, prefix: str) -> None:
    """Make the rights of an installation exactly those of the table. Raises what aiokafka raises when the broker refuses."""
    wanted = {Right(right.principal, right.kind, prefix + right.name, right.operation) for right in KAFKA}
    given = await rights(admin)
    for right in sorted(wanted - given):
        answer = await _ask(
            admin, CreateAclsRequest(right.kind, right.name, _LITERAL, f"User:{right.principal}", _EVERY_HOST, right.operation, _ALLOW)
        )
        _check(answer.creation_responses[0][0], right)
    for right in sorted(given - wanted):
        if right.name.startswith(prefix) and right.principal in SERVICES:
            answer = await _ask(
                admin, DeleteAclsRequest(right.kind, right.name, _LITERAL, f"User:{right.principal}", _EVERY_HOST, right.operation, _ALLOW)
            )
            _check(answer.filter_responses[0][0], right)


async def rights(admin: AIOKafkaAdminClient) -> set[Right]:
    """What everyone was given."""
    answer = await _ask(admin, DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
    _check(answer.error_code, "listing the rights")
    return {
        Right(principal.removeprefix("User:"), Kind(kind), name, Operation(operation))
        for kind, name, _, given in answer.resources
        for principal, _, operation, _ in given
    }


async def _ask(admin: AIOKafkaAdminClient, request: Any) -> Any:
    return await admin._send_to_controller(request)


def _check(code: int, about: object) -> None:
    if code:
        raise for_code(code)(str(about))
