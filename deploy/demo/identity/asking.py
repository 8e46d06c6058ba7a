"""A token of somebody of the demonstration, asked from its identity provider as it runs."""

from __future__ import annotations

import httpx

from shared.settings import Settings

GRANT = "urn:zorgspoor:demonstration"
SECONDS = 10.0


class NoToken(Exception):
    """The provider of the demonstration gave no token; the message says why."""


def token_for(chosen: Settings, person: str, hours: float = 1) -> str:
    """An access token of a persona, or of a worker of the demonstration by id. Raises NoToken."""
    return tokens_for(chosen, [person], hours)[person]


def tokens_for(chosen: Settings, persons: list[str], hours: float = 1) -> dict[str, str]:
    """The same for several, by what they were asked with. Raises NoToken."""
    where = chosen.identity_internal_url or chosen.identity_issuer
    if not (chosen.demo and where):
        raise NoToken("There are personas only where the demonstration runs: ./zorgspoor up, or ZORGSPOOR_DEMO=true in compose.")
    found = {}
    with httpx.Client(base_url=where, timeout=SECONDS, trust_env=False) as client:
        for person in persons:
            try:
                answer = client.post("/token", data={"grant_type": GRANT, "persona": person, "hours": str(hours)})
                found[person] = str(answer.raise_for_status().json()["access_token"])
            except (httpx.HTTPError, ValueError, KeyError) as error:
                raise NoToken(f"The demonstration's identity provider at {where} gave no token: {type(error).__name__}") from error
    return found
