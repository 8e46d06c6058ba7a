from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.access.secrets import check_secrets, is_weak
from shared.access.start import UnsafeStart
from shared.settings import SERVICES, Settings

STRONG = secrets.token_hex(32)


def settings(**changes: Any) -> Settings:
    """Settings as in compose."""
    given = {f"{service}_dsn": f"postgresql://{service}_app:{secrets.token_hex(32)}@postgres:5432/{service}" for service in SERVICES}
    given |= {"kafka": "kafka:9092", "kafka_user": "intake", "kafka_password": STRONG, "token_key": STRONG}
    return Settings(**{name: value for name, value in {**given, **changes}.items() if value is not None})


def test_strong_secrets_start() -> None:
    check_secrets(settings(), SERVICES, from_files=True)


def test_what_runs_on_this_machine_only_may_be_trusted_there() -> None:
    here = {"kafka": "127.0.0.1:9092,localhost:9093", "kafka_user": "", "kafka_password": "", **{f"{name}_dsn": None for name in SERVICES}}
    check_secrets(settings(**here), SERVICES, from_files=False)
    with pytest.raises(UnsafeStart, match="ZORGSPOOR_INTAKE_DSN"):
        check_secrets(settings(**here), SERVICES, from_files=True)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        *(({name: ""}, f"ZORGSPOOR_{name.upper()} is empty") for name in ("token_key", "kafka_password")),
        *(
            ({name: None}, f"ZORGSPOOR_{name.upper()}")
            for name in ("token_key", "kafka_password", "intake_dsn", "coordination_dsn", "notifications_dsn")
        ),
        *(({f"{name}_dsn": ""}, f"ZORGSPOOR_{name.upper()}_DSN is missing") for name in SERVICES),
        *(
            ({f"{name}_dsn": f"postgresql://{name}_app@postgres:5432/{name}"}, f"The password in ZORGSPOOR_{name.upper()}_DSN is empty")
            for name in SERVICES
        ),
        *(
            (
                {f"{name}_dsn": f"postgresql://{name}_app:{name}_app@postgres/{name}"},
                f"ZORGSPOOR_{name.upper()}_DSN is the name of its login",
            )
            for name in SERVICES
        ),
        *(
            ({f"{name}_dsn": f"postgresql://{name}_app:postgres@postgres/{name}"}, f"ZORGSPOOR_{name.upper()}_DSN is too short")
            for name in SERVICES
        ),
        ({"intake_dsn": "postgresql://intake_app:changemechangeme%21%21@postgres/intake"}, "ZORGSPOOR_INTAKE_DSN can be guessed"),
        ({"kafka_user": ""}, "ZORGSPOOR_KAFKA_USER is empty"),
        ({"kafka_password": "kafka"}, "ZORGSPOOR_KAFKA_PASSWORD is too short"),
        ({"kafka_password": "changeme-changeme-changeme"}, "ZORGSPOOR_KAFKA_PASSWORD can be guessed"),
        ({"token_key": "   "}, "ZORGSPOOR_TOKEN_KEY is empty"),
        ({"token_key": "short but not a word anyone tries"[:31]}, "ZORGSPOOR_TOKEN_KEY is too short"),
        ({"token_key": "a" * 64}, "ZORGSPOOR_TOKEN_KEY can be guessed"),
        ({"token_key": "0123456789" * 4}, "ZORGSPOOR_TOKEN_KEY can be guessed"),
        ({"token_key": "changeme" * 8}, "ZORGSPOOR_TOKEN_KEY can be guessed"),
        ({"token_key": "zorgspoor-secret-password-example-1234"}, "ZORGSPOOR_TOKEN_KEY can be guessed"),
    ],
    ids=str,
)
def test_a_missing_default_or_weak_secret_does_not_start_and_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsafeStart, match=named) as refused:
        check_secrets(settings(**changes), SERVICES, from_files=True)
    assert "init-secrets" in str(refused.value) or "KAFKA_USER" in str(refused.value)


def test_the_refusal_does_not_repeat_the_secret() -> None:
    with pytest.raises(UnsafeStart) as refused:
        check_secrets(settings(token_key="changeme" * 8), SERVICES, from_files=True)
    assert "changeme" not in str(refused.value)


def test_a_service_answers_for_its_own_database_only() -> None:
    check_secrets(settings(coordination_dsn=None, notifications_dsn=None), ["intake"], from_files=True)


def test_what_the_command_makes_is_never_weak() -> None:
    assert not [value for value in (secrets.token_hex(32) for _ in range(2_000)) if is_weak(value)]


def test_the_process_ends_with_a_sentence() -> None:
    environment = {"PATH": os.environ["PATH"], "ZORGSPOOR_TOKEN_KEY": "changeme" * 8}
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "services.intake"], cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ZORGSPOOR_TOKEN_KEY can be guessed.")
    assert "Traceback" not in done.stderr
