-- What people prefer in the interface.

create table preferences (
    person_id uuid primary key,
    language text not null check (language in ('nl', 'fr', 'de', 'en')),
    changed_at timestamptz not null
);
comment on column preferences.person_id is 'a worker or provider, never a person in care';
