-- Everything personal that Zorgspoor knows is in these tables, and nowhere else. What is bytea is sealed with the person's data key
-- (services/intake/keys); what stays readable are codes that rules and lists need.

create table persons (
    id uuid primary key,
    given_name bytea not null,
    family_name bytea not null,
    birth_date bytea,
    due_date bytea,
    sex bytea not null,
    national_number bytea,
    street bytea,
    house_number bytea,
    postcode bytea not null,
    nis text not null,
    phone bytea,
    email bytea,
    language text not null,
    interpreter boolean not null,
    reach bytea,
    voicemail boolean not null,
    household_id uuid                       -- keyed: the same for everyone at the same address
);

-- Text and answers about a person, by id. A draft has no person yet; a request has the id of its referral.
create table records (
    id uuid primary key,
    person_id uuid,
    about uuid not null,                    -- the referral or draft it belongs to
    kind text not null check (kind in ('draft', 'request', 'information', 'check')),
    body bytea not null,
    at timestamptz not null,
    check ((kind = 'draft') = (person_id is null))
);
create index records_about on records (about);

-- What reads and what finds a person or a draft. This schema is left out of the ordinary dump and dumped apart, for a short life: when a row here
-- is destroyed nothing is left that reads the person, or that tells who it was.
create schema keys;

create table keys.data_keys (
    id uuid primary key,                    -- the person's or the draft's
    master text not null,                   -- version of the master key that wrapped it
    wrapped bytea not null,
    number_index bytea,                     -- blind indexes: of the national number,
    likeness bytea                          -- of names and birth date together, the same for whoever may be the same person
) with (fillfactor = 85);
create unique index data_keys_number on keys.data_keys (number_index) where number_index is not null;
create index data_keys_likeness on keys.data_keys (likeness) where likeness is not null;
