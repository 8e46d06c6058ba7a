-- Who covers which case while its coordinator is away. Days stand with the absence alone, so that changing them changes them for all its cases.
create table case_covers (
    absence_id  uuid not null,
    case_id     uuid not null,
    cover_id    uuid not null,
    primary key (absence_id, case_id)
);
create index case_covers_cover on case_covers (cover_id);
create index case_covers_case on case_covers (case_id);

-- The cases that who asks covers today. Covers are seen through cases and cases through covers; as the owner this function cuts the circle.
create function covered() returns uuid[] language sql stable security definer set search_path = pg_catalog, public
return array(select case_id from case_covers join absences on absences.id = absence_id
             where cover_id = asks() and (asks_at() at time zone 'Europe/Brussels')::date between starts_on and ends_on);

create policy seen_by_cover on cases for select using ((select asks_as('coordinator')) and id = any ((select covered())::uuid[]));

alter table case_covers enable row level security, force row level security;
create policy seen on case_covers for select using (exists (select from cases where cases.id = case_id));
create policy seen_by_owner on case_covers for select to current_user using (true);

-- who covers hears of it, and of other days; so does the zone
create function note_covers() returns trigger language plpgsql as $$
begin
    insert into changes (audience) select array_agg(distinct 'worker ' || cover_id) from touched having count(*) > 0;
    return null;
end $$;

create trigger covers_added after insert on case_covers referencing new table as touched for each statement execute function note_covers();
create trigger covers_ended after delete on case_covers referencing old table as touched for each statement execute function note_covers();
create trigger absences_moved after update on absences referencing new table as touched for each statement execute function note_absences();
