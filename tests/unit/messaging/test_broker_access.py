from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.messaging import broker_access
from shared.settings import Settings


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ed25519",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Own authority",
            "-keyout",
            "key.pem",
            "-out",
            "ca.pem",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "ca.pem"


def test_without_settings_nothing_is_signed_in_or_encrypted() -> None:
    assert broker_access.arguments(Settings()) == {"security_protocol": "PLAINTEXT", "ssl_context": None}


def test_a_user_signs_in_by_scram_512() -> None:
    arguments = broker_access.arguments(Settings(kafka_user="intake", kafka_password=SecretStr("a password")))
    assert arguments == {
        "security_protocol": "SASL_PLAINTEXT",
        "ssl_context": None,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "intake",
        "sasl_plain_password": "a password",
    }


@pytest.mark.parametrize(("user", "protocol"), [("", "SSL"), ("intake", "SASL_SSL")])
def test_tls_knows_only_the_named_authority_and_checks_the_name(authority: Path, user: str, protocol: str) -> None:
    arguments = broker_access.arguments(
        Settings(kafka_user=user, kafka_password=SecretStr("a password"), kafka_tls=True, kafka_ca=authority)
    )
    context = arguments["ssl_context"]
    assert arguments["security_protocol"] == protocol
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert [dict(part[0] for part in each["subject"])["commonName"] for each in context.get_ca_certs()] == ["Own authority"]


def test_tls_without_an_authority_knows_those_of_the_system() -> None:
    context = broker_access.arguments(Settings(kafka_tls=True))["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
