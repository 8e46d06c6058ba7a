"""Who may what on Kafka and in PostgreSQL: the whole of it, as data. Provisioning gives exactly this; what is not here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from shared.settings import SERVICES


class Kind(IntEnum):
    """What a right of Kafka is about, as its protocol numbers it."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTION = 5
    DELEGATION_TOKEN = 6
    USER = 7


class Operation(IntEnum):
    """What may be done, as Kafka's protocol numbers it. Reading and writing include describing."""

    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


@dataclass(frozen=True, order=True, slots=True)
class Right:
    """One principal may do one thing with one topic or consumer group; names are without the installation's prefix."""

    principal: str
    kind: Kind
    name: str
    operation: Operation


KAFKA_ADMIN = "admin"  # may everything: makes topics and rights (`zorgspoor migrate`), and is no service's login
READS = {"intake": ("coordination", "notifications"), "coordination": ("intake",), "notifications": ("coordination", "intake")}
KAFKA = frozenset(
    [
        *(Right(service, Kind.TOPIC, f"{service}.events", Operation.WRITE) for service in SERVICES),
        *(Right(service, Kind.TOPIC, f"{producer}.events", Operation.READ) for service in SERVICES for producer in READS[service]),
        *(Right(service, Kind.GROUP, service, Operation.READ) for service in SERVICES),
    ]
)

# What an app login may with each table and sequence of its own service's database. It owns nothing, and enters no other database.
TABLES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
SEQUENCES = frozenset({"SELECT", "USAGE"})
LESS: dict[str, frozenset[str]] = {"migrations": frozenset({"SELECT"})}  # tables of which it may less
# The audit is only added to: what is granted on its tables its own migration says, INSERT column by column, so that no hash and no number can be chosen.
ADDED_TO: dict[str, frozenset[str]] = {
    "audit": frozenset({"SELECT"}),
    "audit_default": frozenset(),
    "audit_seals": frozenset({"SELECT", "INSERT"}),
}

# What each service's login `access_<service>` may in the database of who is signed in, as GRANT takes it. Every service must know who asks: the functions
# tell whom a secret belongs to that it was handed, and nothing of anybody else. People sign in at intake, and machines ask it for tokens.
WHO_ASKS = ("FUNCTION session_of", "FUNCTION use_session", "FUNCTION token_of")
ACCESS: Mapping[str, Mapping[str, str]] = {
    **{service: dict.fromkeys(WHO_ASKS, "EXECUTE") for service in SERVICES if service != "intake"},
    "intake": {
        **dict.fromkeys(WHO_ASKS, "EXECUTE"),
        "sign_ins": "SELECT, INSERT, DELETE",
        "sessions": "SELECT, INSERT, UPDATE (secret_hash, chosen, shown_at), DELETE",
        "preferences": "SELECT, INSERT, UPDATE (language, changed_at)",
        "clients": "SELECT, INSERT, UPDATE (title, scopes, keys, revoked_at)",
        "used_assertions": "SELECT, INSERT, DELETE",
        "client_tokens": "SELECT, INSERT, DELETE",
        # added to and read, never changed; the sealer of who signed in works in intake
        "audit": "SELECT, INSERT (at, actor_id, role, organisation_id, zone, person_id, case_id, subject_id, action, purpose, relation, outcome, request_id)",
        "audit_seals": "SELECT, INSERT",
        "SEQUENCE audit_ids": "USAGE",
        **dict.fromkeys(("FUNCTION keep_audit_partitions", "FUNCTION asks", "FUNCTION asks_as"), "EXECUTE"),
    },
}
