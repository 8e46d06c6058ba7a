-- Everything personal that Zorgspoor knows is in these two tables, and nowhere else.

create table persons (
    id uuid primary key,
    given_name text not null,
    family_name text not null,
    birth_date date,
    due_date date,
    sex text not null check (sex in ('female', 'male', 'other', 'unknown')),
    national_number text,
    street text,
    house_number text,
    postcode text not null,
    nis text not null,
    phone text,
    email text,
    language text not null,
    interpreter boolean not null,
    reach text,
    voicemail boolean not null,
    household_id uuid,
    likeness uuid                           -- the same for whoever may be the same person
);
create unique index persons_national_number on persons (national_number) where national_number is not null;
create index persons_likeness on persons (likeness) where likeness is not null;

-- Text and answers about a person, by id. A draft has no person yet; a request has the id of its referral.
create table records (
    id uuid primary key,
    person_id uuid,
    about uuid not null,                    -- the referral or draft it belongs to
    kind text not null check (kind in ('draft', 'request', 'information', 'check')),
    body jsonb not null,
    at timestamptz not null,
    check ((kind = 'draft') = (person_id is null))
);
create index records_about on records (about);
