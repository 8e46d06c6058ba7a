-- Everything that happens in a zone happens under its row here: it is locked first, in code order.
create table zones (
    code            text primary key,
    team_version    uuid not null default '00000000-0000-0000-0000-000000000000',
    -- changes with every change of what the zone's coordinators carry, so that a count once made can be trusted while it stands
    load_version    uuid not null default gen_random_uuid()
);

-- The facts of a zone's workers as decisions saw them, without names: one row per change, named by decision cards.
create table teams (
    version         uuid primary key,
    zone            text not null,
    taken_at        timestamptz not null,
    workers         jsonb not null
);

-- Coordinators, case managers, zone leads and zone intake workers. Points in hundredths, fte in hundredths.
-- `used` is the second wall behind the load that is counted from offers. The ceiling is the capacity, or what was
-- carried at the moment the capacity was lowered or a held case came to weigh more.
create table coordinators (
    id              uuid primary key,
    name            text not null,
    organisation_id uuid,
    organisation    text not null default '',
    zones           text[] not null,
    roles           text[] not null,
    fte             integer not null check (fte between 0 and 100),
    languages       text[] not null,
    programmes      text[] not null,
    municipalities  text[] not null default '{}',
    started_on      date,
    active          boolean not null default true,
    capacity        integer not null,
    used            integer not null,
    ceiling         integer not null,
    constraint capacity_is_kept check (used <= ceiling)
);
create index coordinators_zones on coordinators using gin (zones);

create table absences (
    id              uuid primary key,
    coordinator_id  uuid not null references coordinators (id) on delete cascade,
    starts_on       date not null,
    ends_on         date not null check (ends_on >= starts_on),
    unique (coordinator_id, starts_on, ends_on)
);
