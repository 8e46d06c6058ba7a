-- Persons about whom nothing may be erased or let go of for the time being. Intake decides; the other services hear of it.
create table holds (
    person_id   uuid primary key,
    pseudonym   uuid not null unique,       -- as those know the person who keep no person ids
    since       timestamptz not null
);
