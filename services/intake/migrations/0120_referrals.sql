-- Referrals: ids, codes and times. Whatever is personal stands in persons and records.

create sequence referral_numbers start 1001;

create table referrals (
    id uuid primary key,
    reference text not null unique,
    person_id uuid not null,
    sender_id uuid not null,
    sender_organisation_id uuid not null,
    programme text not null,
    zone text not null,
    nis text not null,
    status text not null check (status in ('received', 'information_needed', 'not_eligible', 'waiting', 'offered', 'assigned',
                                           'first_contact', 'paused', 'closed', 'withdrawn', 'entered_in_error')),
    urgency text not null check (urgency in ('normal', 'high')),
    needs text[] not null,
    received_at timestamptz not null,
    updated_at timestamptz not null,

    -- the eligibility decision; its reasons follow from what was sent, by the same rule version on the same day
    outcome text not null,
    missing text[] not null,
    rule_version text not null,
    role text,
    level text,
    judged_at timestamptz not null,
    decided_by uuid,
    check_due_at timestamptz,
    information_due_at timestamptz, -- until when the sender could answer what was asked
    unsure boolean not null default false,  -- the zone's intake is asked whether the person is somebody known

    -- what coordination told last
    told_at timestamptz,
    case_id uuid,
    case_reference text,
    offered_to uuid,
    coordinator_id uuid,
    case_role text,
    reason text,
    owner_id uuid,
    deadline timestamptz
) with (fillfactor = 75);
create index referrals_of_organisation on referrals (sender_organisation_id, received_at);
create index referrals_of_person on referrals (person_id);
create index referrals_to_check on referrals (zone, check_due_at) where check_due_at is not null;

-- A referral's history, for its timeline.
create table referral_steps (
    id bigint generated always as identity primary key,
    referral_id uuid not null,
    at timestamptz not null,
    what text not null,
    by uuid,
    reason text
);
create index referral_steps_of on referral_steps (referral_id);

-- Referrals that are not sent yet; what was typed stands in records under the same id.
create table drafts (
    id uuid primary key,
    sender_id uuid not null,
    sender_organisation_id uuid not null,
    saved_at timestamptz not null
);
create index drafts_of on drafts (sender_organisation_id);

-- Where a referral stands, for the counts: `state` as intake has it (`handed_over`: accepted, not heard of again yet), and `place`, the
-- state in which coordination must have it; null where coordination was never told of it.
create view referral_places as
select id, person_id, received_at, judged_at,
       case when status = 'received' and check_due_at is null then 'handed_over' else status end as state,
       case when status in ('withdrawn', 'entered_in_error') then
                case when case_id is not null or outcome = 'eligible' and exists (
                         select from (select type, key, payload from outbox union all select type, key, payload from event_log) as told
                         where told.key = person_id and told.type like 'intake.referral_accepted.%'
                           and position(convert_to(referrals.id::text, 'UTF8') in told.payload) > 0)
                     then 'withdrawn' end
            when status = 'received' and check_due_at is null then 'handed_over'
            when status in ('received', 'information_needed', 'not_eligible') then
                case when case_id is not null then 'returned' end
            else status end as place
from referrals;
