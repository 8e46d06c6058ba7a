"""What differs between one place and another, read once at the edge: environment variables `ZORGSPOOR_…`, secrets from files."""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.db import STATEMENT_SECONDS

SERVICES = ("intake", "coordination", "notifications")
ACCESS = "access"  # who is signed in, shared by all services
DATABASES = (*SERVICES, ACCESS)
SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """Every setting with its default. A DSN is one service's login to its own database; `access_dsn` that of this process to who is signed in."""

    model_config = SettingsConfigDict(
        env_prefix="ZORGSPOOR_", frozen=True, extra="ignore", secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    public_url: str = "http://127.0.0.1:8080"
    intake_url: str = "http://127.0.0.1:8080"
    coordination_url: str = "http://127.0.0.1:8080"
    notifications_url: str = "http://127.0.0.1:8080"
    trusted_proxies: str = ""  # networks, by commas, whose X-Forwarded-For says where a request comes from
    unlimited: str = ""  # networks whose requests are not counted: the measurement's load, a demonstration on one machine
    demo: bool = False
    instance: str = Field(default_factory=socket.gethostname)  # names this process in its consumer group; stable over restarts

    kafka: str = "127.0.0.1:9092"
    kafka_user: str = ""  # signs in by SCRAM-SHA-512; none: the brokers trust the network
    kafka_password: SecretStr = SecretStr("")
    kafka_tls: bool = False
    kafka_ca: Path | None = None  # the authority of the brokers' certificates, when the system does not know it
    kafka_prefix: str = ""  # before topic and group names, where several installations share a cluster
    kafka_session_timeout_ms: int = 10_000
    intake_dsn: SecretStr = SecretStr("postgresql://intake_app@127.0.0.1:5432/intake")
    coordination_dsn: SecretStr = SecretStr("postgresql://coordination_app@127.0.0.1:5432/coordination")
    notifications_dsn: SecretStr = SecretStr("postgresql://notifications_app@127.0.0.1:5432/notifications")
    access_dsn: SecretStr = SecretStr("postgresql://access_intake@127.0.0.1:5432/access")
    pool_size: int = Field(default=8, ge=4)
    statement_seconds: float = Field(default=STATEMENT_SECONDS, gt=0)  # what takes longer is ended; a batch is then cut into halves

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    mail_from: str = "Zorgspoor <geen-antwoord@zorgspoor.example>"
    mailbox_url: str | None = None  # where the demonstration's mails can be read
    deliver: bool = True  # off: messages are recorded but not sent

    # intake: wraps the data keys of persons; the first line, the others still unwrap
    master_key_file: Path = SECRETS / "zorgspoor_master_key"
    index_key: SecretStr = SecretStr("")  # intake: finds persons by blind indexes; never changes
    audit_key: SecretStr = SecretStr("")  # signs the checkpoints of the audit; 64 hexadecimal digits
    audit_checkpoints: Path | None = None  # the folder of the checkpoints' files, outside the database
    identity_issuer: str = ""  # the OpenID provider's name of itself; empty: nobody signs in
    identity_internal_url: str = ""  # where the services reach it, when that is not the address it has for browsers
    identity_client: str = "zorgspoor"
    identity_client_secret: SecretStr = SecretStr("")  # empty: a public client, with PKCE alone
    identity_audience: str = "zorgspoor-api"  # whom its access tokens are for
    identity_keys: str = ""  # its public keys (JWKS), where they cannot be asked
    identity_acr: str = (
        ""  # how strongly people must have signed in there (acr), by spaces, the wished one first; empty: as the provider does it
    )
    identity_claims: Path | None = None  # how its claims are read; None: shared/access/claims.toml
    operator: str = ""  # the body that runs this: the accessibility statement is theirs
    help_mail: str = ""  # whom to tell that something does not work or cannot be used
    help_phone: str = ""
    ombudsman: str = ""  # who judges when that does not help, by its code in shared/web/data/ombudsmen.toml: flanders, federal or brussels
    undo_minutes: float = Field(default=10, ge=0)
    log_level: str = "INFO"

    def dsn(self, service: str) -> str:
        """The login of a service to its own database, or of this process to `access`."""
        secret: SecretStr = getattr(self, f"{service}_dsn")
        return secret.get_secret_value()

    def url(self, service: str) -> str:
        """Where another service is asked over HTTP, without a trailing slash."""
        address: str = getattr(self, f"{service}_url")
        return address.rstrip("/")


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
