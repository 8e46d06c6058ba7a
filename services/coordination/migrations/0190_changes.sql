-- Who hears that cases, offers and tasks changed: the zone, who holds or is offered the case, who covers it, and its care team (both tables come
-- in later migrations).

create function note_cases() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'zone ' || zone as who from touched
        union all select 'worker ' || coordinator_id from touched where coordinator_id is not null) as told
    having count(*) > 0;
    return null;
end $$;

create function note_cases_again() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'zone ' || zone as who from touched
        union all select 'zone ' || zone from before
        union all select 'worker ' || coordinator_id from touched where coordinator_id is not null
        union all select 'worker ' || coordinator_id from before where coordinator_id is not null
        union all select 'worker ' || offers.coordinator_id from touched join offers on offers.case_id = touched.id
                  where offers.status in ('offered', 'accepted')
        union all select 'worker ' || cover_id from touched join case_covers on case_covers.case_id = touched.id
                  join absences on absences.id = absence_id and ends_on >= current_date - 1
        union all select 'member ' || member_id from touched join care_team on care_team.case_id = touched.id where left_at is null) as told
    having count(*) > 0;
    return null;
end $$;

-- a new offer comes with a case that is new or changed, which tells the zone
create function note_offers() returns trigger language plpgsql as $$
begin
    insert into changes (audience) select array_agg(distinct 'worker ' || coordinator_id) from touched having count(*) > 0;
    return null;
end $$;

create function note_offers_again() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'worker ' || coordinator_id as who from touched
        union all select 'zone ' || cases.zone from touched join cases on cases.id = touched.case_id) as told
    having count(*) > 0;
    return null;
end $$;

create function note_tasks() returns trigger language plpgsql as $$
begin
    insert into changes (audience) select array_agg(distinct 'zone ' || zone) from touched having count(*) > 0;
    return null;
end $$;

-- what is added to a case concerns whoever has it
create function note_additions() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct who) from (
        select 'zone ' || cases.zone as who from touched join cases on cases.id = touched.case_id
        union all select 'worker ' || offers.coordinator_id from touched join offers on offers.case_id = touched.case_id
                  where offers.status in ('offered', 'accepted')
        union all select 'worker ' || cover_id from touched join case_covers on case_covers.case_id = touched.case_id
                  join absences on absences.id = absence_id and ends_on >= current_date - 1) as told
    having count(*) > 0;
    return null;
end $$;

create function note_absences() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct 'zone ' || zone) from touched join coordinators on coordinators.id = touched.coordinator_id, unnest(zones) as zone
    having count(*) > 0;
    return null;
end $$;

create trigger cases_added after insert on cases referencing new table as touched for each statement execute function note_cases();
create trigger cases_changed after update on cases referencing old table as before new table as touched
    for each statement execute function note_cases_again();
create trigger offers_added after insert on offers referencing new table as touched for each statement execute function note_offers();
create trigger offers_changed after update on offers referencing new table as touched
    for each statement execute function note_offers_again();
create trigger tasks_added after insert on case_tasks referencing new table as touched for each statement execute function note_tasks();
create trigger tasks_changed after update on case_tasks referencing new table as touched for each statement execute function note_tasks();
create trigger additions_added after insert on case_additions referencing new table as touched
    for each statement execute function note_additions();
create trigger absences_added after insert on absences referencing new table as touched for each statement execute function note_absences();
create trigger absences_ended after delete on absences referencing old table as touched for each statement execute function note_absences();
