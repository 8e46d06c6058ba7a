"""How this process shows Kafka who it is, and whether what is said is encrypted: by settings."""

from __future__ import annotations

import ssl
from typing import Any

from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLScram512

from shared.settings import Settings


def security(chosen: Settings) -> BaseSecurity:
    """What FastStream's broker takes."""
    context = ssl.create_default_context(cafile=chosen.kafka_ca) if chosen.kafka_tls else None
    if chosen.kafka_user:
        return SASLScram512(chosen.kafka_user, chosen.kafka_password.get_secret_value(), ssl_context=context, use_ssl=chosen.kafka_tls)
    return BaseSecurity(ssl_context=context, use_ssl=chosen.kafka_tls)


def arguments(chosen: Settings) -> dict[str, Any]:
    """What aiokafka's clients take."""
    return parse_security(security(chosen))
