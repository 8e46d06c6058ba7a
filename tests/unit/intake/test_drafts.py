"""An id of a draft belongs to the organisation that began it, and is an id like any other."""

from __future__ import annotations

from uuid import RFC_4122, UUID, uuid4

from services.intake.drafts.domain import bound_id, is_bound
from services.intake.keys.domain import IndexKey
from shared.clock import new_id

KEY = IndexKey(bytes(range(32)))
OURS, THEIRS = uuid4(), uuid4()


def test_an_id_belongs_to_the_organisation_that_began_it():
    ours, theirs = bound_id(new_id(), OURS, KEY), bound_id(new_id(), THEIRS, KEY)
    assert is_bound(ours, OURS, KEY)
    assert is_bound(theirs, THEIRS, KEY)
    assert not is_bound(ours, THEIRS, KEY)
    assert not is_bound(theirs, OURS, KEY)
    assert not is_bound(ours, OURS, IndexKey(bytes(range(1, 33))))


def test_no_bit_of_it_can_be_another():
    id = bound_id(new_id(), OURS, KEY)
    assert [bit for bit in range(128) if is_bound(UUID(int=id.int ^ 1 << bit), OURS, KEY)] == []
    assert not any(is_bound(made, OURS, KEY) for made in [new_id(), uuid4(), UUID(int=0)])


def test_ids_sort_by_time_and_are_never_the_same():
    made = [new_id() for _ in range(1_000)]
    ids = [bound_id(each, OURS, KEY) for each in made]
    assert len(set(ids)) == len(ids)
    assert [id.bytes[:6] for id in ids] == [each.bytes[:6] for each in made]
    assert {(id.version, id.variant) for id in ids} == {(8, RFC_4122)}
