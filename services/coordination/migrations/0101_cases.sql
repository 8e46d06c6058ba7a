create sequence case_numbers minvalue 0 start 0;

-- Where the numbers of a year start, so that references stay short.
create table case_years (
    year            integer primary key,
    before_first    bigint not null
);

create table cases (
    id                  uuid primary key,
    reference           text not null,
    person_id           uuid not null,
    zone                text not null,
    nis                 text not null,
    programmes          text[] not null,
    role                text not null,
    level               text not null,
    languages           text[] not null,
    interpreter         boolean not null,
    urgency             text not null check (urgency in ('normal', 'high')),
    needs               text[] not null,
    caring_organisations uuid[] not null,
    household_id        uuid,
    received_at         timestamptz not null,
    opened_at           timestamptz not null,
    points              integer not null check (points > 0),
    status              text not null check (status in ('waiting', 'offered', 'assigned', 'first_contact', 'paused', 'returned', 'closed')),
    reason              text,
    owner_id            uuid,
    waiting_since       timestamptz,
    late_at             timestamptz,
    is_late             boolean not null default false,
    familiar_id         uuid,
    intensity           text not null default 'normal',
    first_weeks         boolean not null default true,
    first_weeks_end     timestamptz,
    coordinator_id      uuid,
    assigned_at         timestamptz,
    first_contact_due   timestamptz,
    first_contact_at    timestamptz,
    paused_from         text,
    paused_at           timestamptz,
    paused_until        timestamptz,
    pause_reason        text,
    closed_at           timestamptz,
    outcome             text,
    constraint waiting_has_a_reason check (status <> 'waiting' or (reason is not null and waiting_since is not null and late_at is not null)),
    constraint held_has_a_coordinator check (status not in ('assigned', 'first_contact', 'paused') or coordinator_id is not null),
    constraint paused_goes_on_somewhere check (status <> 'paused' or (paused_from is not null and paused_at is not null and paused_until is not null and pause_reason is not null))
);
create unique index cases_reference on cases (reference);
create unique index one_open_case_per_person on cases (person_id) where status <> 'closed';
create index cases_known_person on cases (person_id) where coordinator_id is not null;
create index cases_known_household on cases (household_id) where household_id is not null and coordinator_id is not null;
create index cases_waiting on cases (zone, received_at) where status = 'waiting';
create index cases_held on cases (coordinator_id) where coordinator_id is not null and status <> 'closed';

create table case_referrals (
    referral_id     uuid primary key,
    case_id         uuid not null,
    reference       text not null,
    sender_id       uuid not null,
    programme       text not null,
    received_at     timestamptz not null,
    withdrawn_at    timestamptz
);
create index case_referrals_case on case_referrals (case_id);

create table case_tasks (
    id              uuid primary key,
    case_id         uuid not null,
    zone            text not null,
    kind            text not null,
    owner_id        uuid,
    asked_at        timestamptz not null,
    done_at         timestamptz,
    done_by         uuid,
    constraint done_by_somebody check ((done_at is null) = (done_by is null))
);
create index case_tasks_case on case_tasks (case_id);
create index case_tasks_open on case_tasks (zone) where done_at is null;
