"""The rules, the filters of lists and the policies of tables say the same of random rows and random people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from services.coordination.cases import queries as cases
from services.coordination.cases.queries import Wanted
from services.coordination.team import queries as team
from services.intake.audit import store as audited
from services.intake.drafts import store as drafts
from services.intake.matches import store as matches
from services.intake.referrals import queries
from services.intake.referrals import store as referrals
from services.intake.referrals.relations import facts_of
from services.notifications.messages import store as messages
from shared import db
from shared.access import asking
from shared.access.actors import Actor
from shared.access.audit import entries
from shared.access.rules import Action, Facts, bounds, may
from shared.items import Entry
from shared.messaging.kernel import Kernel
from tests.databases import Databases
from tests.integration.access.world import NOW, World, a_world

SEEDS = (1, 2, 3)
GUARDED = {
    "intake": {
        "referrals",
        "referral_steps",
        "persons",
        "records",
        "drafts",
        "matches",
        "glass",
        "consents",
        "care_team",
        "keys.data_keys",
        "keys.told_marks",
    },
    "coordination": {"cases", "offers", "decision_cards", "case_referrals", "case_tasks", "case_additions", "case_covers", "care_team"},
    "notifications": {"messages"},
}


@pytest.fixture(scope="module", params=SEEDS)
async def world(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[World]:
    async with a_world(databases, request.param) as made:
        yield made


@asynccontextmanager
async def unguarded(kernel: Kernel, actor: Actor) -> AsyncIterator[db.Connection]:
    """A transaction that knows who asks and in which no policy holds: what is left is the filter itself."""
    async with kernel.transaction() as tx:
        await asking.as_actor(tx, actor, NOW)
        yield tx


def those(rows: Iterable[tuple[UUID, Facts]], actor: Actor, *actions: Action) -> set[UUID]:
    """The ids to which this actor may do any of these."""
    return {id for id, facts in rows if any(may(actor, action, facts) for action in actions)}


def facts_of_match(zone: str) -> Facts:
    return Facts(zones=frozenset({zone}), to_check=True)


async def test_lists_of_intake_hold_what_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_referral(row)) for row in world.referrals]
    drafted = [(id, Facts(organisation_id=organisation)) for id, organisation in world.drafts.items()]
    open_checks = [(row.id, world.of_referral(row)) for row in world.referrals if row.check_due_at]
    asked = [
        (row.id, facts_of_match(row.zone))
        for row in world.referrals
        if row.matched and row.status not in {"withdrawn", "entered_in_error"} and row.person_id not in world.no_consent
    ]
    counted = 0
    for actor in world.actors:
        async with unguarded(world.kernels["intake"], actor) as connection:
            own = await referrals.listed(connection, bounds(actor, Action.SEE_OWN_REFERRALS), None, None, 500)
            paged = await queries.own(connection, bounds(actor, Action.SEE_OWN_REFERRALS), queries.Wanted(), ())
            counted_own = await queries.own_counted(connection, bounds(actor, Action.SEE_OWN_REFERRALS), queries.Wanted(), ())
            counted_checks = await queries.to_check_counted(connection, bounds(actor, Action.ANSWER_CHECK), queries.Wanted())
            counted_questions = await matches.count(connection, bounds(actor, Action.ANSWER_MATCH))
            checks = await queries.to_check(connection, bounds(actor, Action.ANSWER_CHECK), queries.Wanted())
            questions = await matches.listed(connection, bounds(actor, Action.ANSWER_MATCH))
            unsent = await drafts.listed(connection, bounds(actor, Action.WRITE_REFERRAL))
        assert {row["id"] for row in own} == {row["id"] for row in paged} == those(rows, actor, Action.SEE_OWN_REFERRALS)
        assert (sum(row["shown"] for row in counted_own), counted_checks, counted_questions) == (len(own), len(checks), len(questions))
        assert {row["id"] for row in checks} == those(open_checks, actor, Action.ANSWER_CHECK)
        assert {row["id"] for row in questions} == those(asked, actor, Action.ANSWER_MATCH)
        assert {row.id for row in unsent} == those(drafted, actor, Action.WRITE_REFERRAL)
        counted += len(own) + len(checks) + len(questions) + len(unsent)
    assert counted > 100


@pytest.mark.parametrize("action", [Action.SEE_PERSON, Action.SEE_OFFERED_SUMMARY])
async def test_persons_are_known_to_whom_the_rules_allow(world: World, action: Action) -> None:
    persons = sorted({row.person_id for row in world.referrals})
    rows = [(row.person_id, world.of_referral(row)) for row in world.referrals]
    counted = 0
    for actor in world.actors:
        async with unguarded(world.kernels["intake"], actor) as connection:
            found = await referrals.known_to(connection, persons, bounds(actor, action))
        assert found.keys() == those(rows, actor, action)
        counted += len(found)
    assert counted > 20


async def test_the_list_of_cases_holds_what_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_case(row)) for row in world.cases]
    for actor in world.actors:
        async with unguarded(world.kernels["coordination"], actor) as connection:
            found = await cases.cases_seen(connection, bounds(actor, Action.SEE_CASE), Wanted(limit=500))
            counted = await cases.cases_counted(connection, bounds(actor, Action.SEE_CASE), Wanted())
        assert {row["id"] for row in found} == those(rows, actor, Action.SEE_CASE)
        assert counted == len(found)


async def test_the_teams_of_somebody_are_those_that_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_case(row)) for row in world.cases]
    counted = 0
    for actor in world.actors:
        async with unguarded(world.kernels["coordination"], actor) as connection:
            found = await team.teams_seen(connection, bounds(actor, Action.SEE_TEAM))
        assert {row["id"] for row in found} == those(rows, actor, Action.SEE_TEAM)
        counted += len(found)
    assert counted > 5


async def test_the_list_of_messages_holds_what_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_message(row)) for row in world.messages]
    for actor in world.actors:
        async with unguarded(world.kernels["notifications"], actor) as connection:
            found = await messages.listed(
                connection, bounds(actor, Action.SEE_MESSAGES), referral_id=None, reference=None, recipient_id=None, limit=500
            )
        assert {row["id"] for row in found} == those(rows, actor, Action.SEE_MESSAGES)


async def test_policies_of_intake_show_what_the_rules_allow(world: World) -> None:
    content = (Action.SEE_REFERRAL, Action.SEE_OWN_REFERRALS, Action.ANSWER_CHECK, Action.SEE_PERSON, Action.SEE_OFFERED_SUMMARY)
    # a policy does not know what is done with a row: of a referral that was taken back the codes stay, the person and the words do not
    rows = [(row.id, world.of_codes(row)) for row in world.referrals]
    told = [(row.id, world.of_referral(row)) for row in world.referrals]
    people = [(row.person_id, world.of_referral(row)) for row in world.referrals]
    asked = [(row.id, facts_of_match(row.zone)) for row in world.referrals if row.matched]
    known = world.referrals[0].person_id
    for actor in world.actors:
        async with world.kernels["intake"].read(actor) as connection:
            shown = {row["id"] for row in await connection.fetch("select id from referrals")}
            steps = {row["referral_id"] for row in await connection.fetch("select referral_id from referral_steps")}
            persons = {row["id"] for row in await connection.fetch("select id from persons")}
            said = {row["about"] for row in await connection.fetch("select about from records where kind <> 'draft'")}
            typed = {row["id"] for row in await connection.fetch("select id from records where kind = 'draft'")}
            opened = {row["id"] for row in await connection.fetch("select id from keys.data_keys")}
            questions = {row["referral_id"] for row in await connection.fetch("select referral_id from matches")}
            unsent = {row["id"] for row in await connection.fetch("select id from drafts")}
        readable = those(told, actor, *content)
        questioned = those(asked, actor, Action.ANSWER_MATCH)
        assert shown == steps == those(rows, actor, *content, Action.COUNT)
        assert said == readable
        assert persons == those(people, actor, Action.SEE_PERSON, Action.SEE_OFFERED_SUMMARY) | (
            {known} - world.no_consent if questioned else set()
        )
        assert questions == questioned
        assert opened == persons | unsent | {row.person_id for row in world.referrals if row.id in said}
        assert unsent == typed == those([(id, Facts(organisation_id=of)) for id, of in world.drafts.items()], actor, Action.WRITE_REFERRAL)


async def test_policies_of_coordination_show_what_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_case(row)) for row in world.cases]
    for actor in world.actors:
        async with world.kernels["coordination"].read(actor) as connection:
            shown = {row["id"] for row in await connection.fetch("select id from cases")}
            children = [
                {row["case_id"] for row in await connection.fetch("select case_id from case_referrals")},
                {row["case_id"] for row in await connection.fetch("select case_id from case_tasks")},
                {row["case_id"] for row in await connection.fetch("select case_id from case_additions")},
                {row["case_id"] for row in await connection.fetch("select case_id from decision_cards")},
                {row["case_id"] for row in await connection.fetch("select case_id from case_covers")},
            ]
            offered = {row["case_id"] for row in await connection.fetch("select case_id from offers")}
            around = {row["case_id"] for row in await connection.fetch("select case_id from care_team")}
        assert shown == those(rows, actor, Action.SEE_CASE, Action.COUNT)
        assert all(child == shown for child in children)
        assert around == those(rows, actor, Action.SEE_CASE, Action.SEE_TEAM, Action.COUNT)
        assert offered == shown | {row.id for row in world.cases if row.offered_to == actor.id}


async def test_the_policy_of_notifications_shows_what_the_rules_allow(world: World) -> None:
    rows = [(row.id, world.of_message(row)) for row in world.messages]
    for actor in world.actors:
        async with world.kernels["notifications"].read(actor) as connection:
            shown = {row["id"] for row in await connection.fetch("select id from messages")}
        assert shown == those(rows, actor, Action.SEE_MESSAGES)


@pytest.mark.parametrize("service", sorted(GUARDED))
async def test_a_connection_carries_nobody_back_to_the_pool(world: World, service: str) -> None:
    """Neither a reader's word nor a batch's role is there for whoever uses the connection next."""
    kernel = Kernel(world.kernels[service].definition, world.kernels[service].settings, lambda: NOW)
    host = world.kernels[service].pool
    async with host.acquire() as any_connection:
        parameters = any_connection.get_settings(), await any_connection.fetchval("select current_database()"), any_connection._con._addr
    name, (server, port) = parameters[1], parameters[2]
    kernel.pool = await db.open_pool(f"postgresql://{service}_app@{server}:{port}/{name}", size=1, application="pooled")
    table = sorted(GUARDED[service])[0]
    all_of_it = next(actor for actor in world.actors if actor.roles >= {"ops"})
    try:
        async with kernel.read(all_of_it) as connection:
            assert await connection.fetchval("select asks()") == all_of_it.id
        with pytest.raises(ZeroDivisionError):
            async with kernel.read(all_of_it):
                raise ZeroDivisionError
        with pytest.raises(ZeroDivisionError):
            async with kernel.transaction():
                raise ZeroDivisionError
        async with kernel.transaction() as tx:
            assert await tx.fetchval("select current_user") == f"{service}_batch"
            assert await tx.fetchval(f"select count(*) from {table}") > 0
        async with kernel.read() as connection:
            assert await connection.fetchrow("select current_user::text, asks(), asks_for(), asks_as('ops'), asks_in(), asks_at()") == (
                f"{service}_app",
                None,
                None,
                False,
                [],
                None,
            )
            assert await connection.fetchval(f"select count(*) from {table}") == 0
    finally:
        await kernel.pool.close()


@pytest.mark.parametrize("service", sorted(GUARDED))
async def test_outside_a_batch_the_login_can_change_no_guarded_row(world: World, service: str) -> None:
    everyone = Actor(world.id(), "", frozenset({"ops", "zone_lead", "sender", "coordinator"}), None, "", frozenset(), "nl")
    for table in GUARDED[service]:
        async with world.kernels[service].read(everyone) as connection:
            assert await connection.execute(f"delete from {table}") == "DELETE 0"
    async with world.kernels[service].read() as connection:
        rows = await connection.fetch(
            """select case nspname when 'public' then relname else nspname || '.' || relname end as name
               from pg_class join pg_namespace on pg_namespace.oid = relnamespace where relrowsecurity and relforcerowsecurity"""
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("set session authorization postgres")
    assert {row["name"] for row in rows} == GUARDED[service] | {"audit"}


@pytest.mark.parametrize("service", sorted(GUARDED))
async def test_who_is_not_the_privacy_officer_adds_to_the_audit_and_reads_nothing_of_it(world: World, service: str) -> None:
    kernel, person = world.kernels[service], world.id()
    for actor in world.actors:
        async with kernel.read(actor) as connection:
            before = await connection.fetchval("select count(*) from audit")
            await entries.append(
                connection, [entries.whole(Entry(person), entries.asker_of(actor), "persons.seen", "seen", world.id())], NOW
            )
            found = await connection.fetchval("select count(*) from audit where person_id = $1", person)
            assert (before > 0 or found > 0) is ("privacy_officer" in actor.roles)
    async with kernel.transaction() as tx:
        assert await tx.fetchval("select count(*) from audit where person_id = $1", person) == len(world.actors)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("delete from audit")


async def test_the_privacy_officer_finds_whose_file_it_is_and_nobody_else_does(world: World) -> None:
    row = world.referrals[0]
    found = 0
    for actor in world.actors:
        async with world.kernels["intake"].read(actor) as connection:
            person = await audited.person_of(connection, row.reference)
            about = await audited.referrals_of(connection, row.person_id)
        officer = "privacy_officer" in actor.roles
        assert person == (row.person_id if officer else None)
        assert {each["id"] for each in about} == ({each.id for each in world.by_person()[row.person_id]} if officer else set())
        found += officer
    assert found


async def test_what_the_database_says_of_a_referral_are_the_facts_of_the_rules(world: World) -> None:
    """The facts of a row, of which consent is one, as `ties` gives them; persons are compared in the tests of lists and of policies."""
    actions = [action for action in Action if action is not Action.ANSWER_MATCH]
    allowed = 0
    for actor in world.actors:
        async with unguarded(world.kernels["intake"], actor) as connection:
            rows = {row["id"]: row for row in [await referrals.read(connection, each.id) for each in world.referrals] if row}
        for each in world.referrals:
            told, true = facts_of(rows[each.id], actor.id), world.of_referral(each)
            assert told.consent is true.consent is (each.person_id not in world.no_consent)
            assert [may(actor, action, told) for action in actions] == [may(actor, action, true) for action in actions]
            allowed += bool(may(actor, Action.SEE_PERSON, told))
    assert allowed > 20
