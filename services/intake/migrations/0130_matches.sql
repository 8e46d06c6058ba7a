-- Questions to the zone's intake: is the person of this referral the person known before? Ids and codes; what differs stands in persons and records.

create table matches (
    referral_id uuid primary key,
    known_id uuid not null,
    zone text not null,
    reach_added boolean not null,           -- the known person has this telling's words on how to be reached
    asked_at timestamptz not null,
    due_at timestamptz not null,
    answered_at timestamptz,
    answered_by uuid,
    answer text check (answer in ('same', 'not_same')),
    check ((answered_at is null) = (answer is null) and (answered_by is null) = (answer is null))
);
create index matches_open on matches (zone, due_at) where answered_at is null;
create index matches_of_known on matches (known_id) where answered_at is null;
