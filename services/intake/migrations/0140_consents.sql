-- What was consented to, and taken back: a row per word on it, never changed. The last one of a person holds.
create table consents (
    id              bigint generated always as identity primary key,
    person_id       uuid not null,
    referral_id     uuid,                   -- with which it came; null: said on the person's behalf, of everything
    state           text not null check (state in ('given', 'withdrawn')),
    said_by        text not null check (said_by in ('person', 'parent', 'representative')),
    how             text not null check (how in ('oral', 'written')),
    said_at         timestamptz not null,
    wording         text,                   -- the version of what was put to them; a withdrawal needs none
    language        text not null,
    recorded_by     uuid not null,
    recorded_at     timestamptz not null
);
create index consents_of on consents (person_id, id);
