-- Who hears that referrals, drafts and questions changed: the sender's organisation and the zone.

create function note_referrals() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'organisation ' || sender_organisation_id as who from touched union all select 'zone ' || zone from touched) as told
    having count(*) > 0;
    return null;
end $$;

create function note_referrals_again() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'organisation ' || sender_organisation_id as who from touched
        union all select 'zone ' || zone from touched
        union all select 'zone ' || zone from before) as told
    having count(*) > 0;
    return null;
end $$;

create function note_matches() returns trigger language plpgsql as $$
begin
    insert into changes (audience) select array_agg(distinct 'zone ' || zone) from touched having count(*) > 0;
    return null;
end $$;

create function note_drafts() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct 'organisation ' || sender_organisation_id) from touched having count(*) > 0;
    return null;
end $$;

create trigger referrals_added after insert on referrals referencing new table as touched
    for each statement execute function note_referrals();
create trigger referrals_changed after update on referrals referencing old table as before new table as touched
    for each statement execute function note_referrals_again();
create trigger matches_added after insert on matches referencing new table as touched for each statement execute function note_matches();
create trigger matches_changed after update on matches referencing new table as touched for each statement execute function note_matches();
-- not when a draft is saved again: it saves itself while somebody types
create trigger drafts_added after insert on drafts referencing new table as touched for each statement execute function note_drafts();
create trigger drafts_gone after delete on drafts referencing old table as touched for each statement execute function note_drafts();
