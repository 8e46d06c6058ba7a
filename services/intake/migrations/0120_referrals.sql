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
    consent_how text not null,
    consent_at timestamptz not null,
    consent_wording text not null,
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
