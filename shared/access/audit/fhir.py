"""Entries of the audit as FHIR R4 AuditEvents, after the patterns of IHE BALP (PatientRead, PatientQuery, Create, Update). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from shared.access.audit.sign_ins import (
    ADDED,
    CHOSE,
    EVERYBODY_SIGNED_OUT,
    GRANTED,
    REFUSED,
    REVOKED,
    SHOWED_AGAIN,
    SIGNED_IN,
    SIGNED_OUT,
    SIGNED_OUT_EVERYWHERE,
)

BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
HL7 = "http://terminology.hl7.org/CodeSystem/"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SYSTEM = "urn:zorgspoor:"
IDS = UUID("5d0c2a7e-2f63-5a4e-9a0e-6a1d5b0c7a11")  # under which the ids of events are derived

SHOWS_MANY = frozenset({"start", "checks", "listed", "listing", "list_cases", "list_offers", "list_tasks", "day", "zone", "messages"})
CREATES = frozenset({"submit", "save_draft"})
DELETES = frozenset({"discard_draft", "withdraw", "erase", "on_person_erased", "on_night", "run"})
PURPOSES = {"care": "CAREMGT", "operations": "HOPERAT", "oversight": "HCOMPL", "emergency": "BTG"}
USER_AUTHENTICATION, ROLES_CHANGED, ATTRIBUTES_CHANGED = "110114", "110136", "110137"
TYPES = {
    USER_AUTHENTICATION: "User Authentication",
    ROLES_CHANGED: "Security Roles Changed",
    ATTRIBUTES_CHANGED: "User Security Attributes Changed",
}
LOGIN, LOGOUT = ("110122", "Login"), ("110123", "Logout")
# what is not about a person in care, but about who may come in: kind of event, and what of it
SIGN_INS: Mapping[str, tuple[str, tuple[str, str] | None]] = {
    SIGNED_IN: (USER_AUTHENTICATION, LOGIN),
    SHOWED_AGAIN: (USER_AUTHENTICATION, LOGIN),
    REFUSED: (USER_AUTHENTICATION, LOGIN),
    GRANTED: (USER_AUTHENTICATION, LOGIN),
    SIGNED_OUT: (USER_AUTHENTICATION, LOGOUT),
    SIGNED_OUT_EVERYWHERE: (USER_AUTHENTICATION, LOGOUT),
    EVERYBODY_SIGNED_OUT: (USER_AUTHENTICATION, LOGOUT),
    CHOSE: (ROLES_CHANGED, None),
    ADDED: (ATTRIBUTES_CHANGED, None),
    REVOKED: (ATTRIBUTES_CHANGED, None),
}
INTERACTIONS = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "search"}
PROFILES = {"C": "PatientCreate", "R": "PatientRead", "U": "PatientUpdate", "D": "PatientDelete", "E": "PatientQuery"}


def bundle(entries: Iterable[tuple[str, Mapping[str, Any]]], now: datetime) -> dict[str, Any]:
    """A collection of the entries of services: (service, row)."""
    found = [event(service, row) for service, row in entries]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in found],
    }


def event(service: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One entry."""
    act = "E" if row["action"] in SIGN_INS else _act(row)
    told: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(uuid5(IDS, f"{service} {row['id']}")),
        "type": _type(row["action"]),
        "subtype": [*_subtype(row["action"], act), _coding(f"{SYSTEM}action", f"{service}.{row['action']}")],
        "action": act,
        "recorded": row["at"].isoformat(),
        "outcome": "0" if row["outcome"] in ("done", "seen") else "4",
        "outcomeDesc": row["outcome"],
        "purposeOfEvent": [{"coding": [_coding(f"{HL7}v3-ActReason", PURPOSES.get(row["purpose"], "CAREMGT"))], "text": row["purpose"]}],
        "agent": [
            _user(row),
            _machine("110153", "Source Role ID", "browser or client"),
            _machine("110152", "Destination Role ID", service),
        ],
        "source": {
            "observer": {"identifier": {"system": f"{SYSTEM}service", "value": service}},
            "type": [_coding(f"{HL7}security-source-type", "4", "Application Server")],
        },
        "entity": list(_entities(row)),
    }
    if row["person_id"] is not None and told["outcome"] == "0":
        told["meta"] = {"profile": [BALP + PROFILES[act]]}
    return told


def _type(action: str) -> dict[str, str]:
    if action in SIGN_INS:
        code = SIGN_INS[action][0]
        return _coding(DCM, code, TYPES[code])
    return _coding(f"{HL7}audit-event-type", "rest", "Restful Operation")


def _subtype(action: str, act: str) -> Iterable[dict[str, str]]:
    if action not in SIGN_INS:
        yield _coding("http://hl7.org/fhir/restful-interaction", INTERACTIONS[act])
    elif (subtype := SIGN_INS[action][1]) is not None:
        yield _coding(DCM, *subtype)


def _act(row: Mapping[str, Any]) -> str:
    verb = row["action"].rpartition(".")[2]
    if row["outcome"] == "seen":
        return "E" if verb in SHOWS_MANY else "R"
    return "C" if verb in CREATES else "D" if verb in DELETES else "U"


def _user(row: Mapping[str, Any]) -> dict[str, Any]:
    who = (
        {"system": f"{SYSTEM}worker", "value": str(row["actor_id"])}
        if row["actor_id"]
        else {"system": f"{SYSTEM}role", "value": row["role"]}
    )
    agent: dict[str, Any] = {
        "type": {"coding": [_coding(f"{HL7}v3-ParticipationType", "IRCP", "information recipient")]},
        "role": [{"coding": [_coding(f"{SYSTEM}role", role)]} for role in row["role"].split()],
        "who": {"identifier": who},
        "requestor": True,
    }
    if row["organisation_id"] is not None:
        agent["location"] = {"identifier": {"system": f"{SYSTEM}organisation", "value": str(row["organisation_id"])}}
    if row["relation"] is not None:
        agent["policy"] = [f"{SYSTEM}relation:{row['relation']}"]
    return agent


def _machine(code: str, display: str, name: str) -> dict[str, Any]:
    return {"type": {"coding": [_coding(DCM, code, display)]}, "who": {"display": name}, "requestor": False}


def _entities(row: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    if row["person_id"] is not None:
        yield _entity(f"{SYSTEM}person", row["person_id"], ("1", "Person"), ("1", "Patient"))
    for kind in ("case", "subject"):
        if row[f"{kind}_id"] is not None:
            yield _entity(f"{SYSTEM}{kind}", row[f"{kind}_id"], ("2", "System Object"), ("4", "Domain Resource"))
    if row["zone"] is not None:
        yield _entity(f"{SYSTEM}zone", row["zone"], ("3", "Organization"), ("19", "Data Destination"))
    if row["request_id"] is not None:
        yield {
            "what": {"identifier": {"system": f"{SYSTEM}request", "value": str(row["request_id"])}},
            "type": _coding("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId"),
        }


def _entity(system: str, value: Any, type: tuple[str, str], role: tuple[str, str]) -> dict[str, Any]:
    return {
        "what": {"identifier": {"system": system, "value": str(value)}},
        "type": _coding(f"{HL7}audit-entity-type", *type),
        "role": _coding(f"{HL7}object-role", *role),
    }


def _coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})
