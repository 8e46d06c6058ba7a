-- What finds a person again for the organisation that referred them. A mark is 12 bits of a keyed hash of the organisation with the first three letters
-- of a word of the name, with the birth date, or with the national number, as that organisation told them: several beginnings share one, so that
-- frequent names do not show, and whoever finds somebody by it compares with what was told. Made when the organisation searches; kept in the schema of
-- keys, so that nothing that finds is in an ordinary dump.

create table keys.told_marks (
    organisation_id uuid not null,
    referral_id uuid not null,
    marks smallint[] not null,
    primary key (organisation_id, referral_id)
);
create index told_marks_referral on keys.told_marks (referral_id);

alter table keys.told_marks enable row level security, force row level security;
create policy seen on keys.told_marks for select using ((select asks_as('sender')) and organisation_id = (select asks_for()));
