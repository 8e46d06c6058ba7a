-- Who is in the care team of a case: ids of the provider directory, each with a care role and the parts of the person that it needs.
create table care_team (
    id              uuid primary key,
    case_id         uuid not null,
    member_id       uuid not null,
    organisation_id uuid,
    care_role       text not null,
    sees            text[] not null,
    joined_at       timestamptz not null,
    joined_by       uuid not null,
    left_at         timestamptz,
    left_by         uuid,
    constraint left_by_somebody check ((left_at is null) = (left_by is null))
);
create unique index once_in_a_care_team on care_team (case_id, member_id) where left_at is null;
create index care_team_of on care_team (member_id) where left_at is null;

-- The open cases in whose care team who asks is. Members see no row of a case, only these columns: no offer, decision, task or sender comes with
-- them. As the owner this function looks past the policies.
create policy seen_by_owner on cases for select to current_user using (true);
create function my_teams() returns table (id uuid, reference text, person_id uuid, zone text, status text, programmes text[], coordinator_id uuid,
    assigned_at timestamptz, first_contact_at timestamptz, paused_at timestamptz, member_id uuid, care_role text, sees text[],
    joined_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public begin atomic
    select cases.id, reference, person_id, zone, status, case when 'need' = any (sees) then programmes else '{}' end, coordinator_id, assigned_at,
           first_contact_at, paused_at, member_id, care_role, sees, joined_at
    from care_team join cases on cases.id = care_team.case_id
    where (select asks_as('care_team')) and member_id = (select asks()) and left_at is null
      and status <> 'closed' and consent_withdrawn_at is null and erased_at is null;
end;

alter table care_team enable row level security, force row level security;
create policy seen on care_team for select using (
    exists (select from cases where cases.id = case_id)
    or left_at is null and case_id = any ((select array(select my_teams.id from my_teams()))::uuid[]));
create policy seen_by_owner on care_team for select to current_user using (true);

-- whoever came, left or stays, besides those whom an addition concerns
create function note_team() returns trigger language plpgsql as $$
begin
    insert into changes (audience)
    select array_agg(distinct 'member ' || member_id) from (
        select member_id from touched
        union all select care_team.member_id from touched join care_team on care_team.case_id = touched.case_id
                  where care_team.left_at is null) as told
    having count(*) > 0;
    return null;
end $$;

create trigger team_joined after insert on care_team referencing new table as touched for each statement execute function note_additions();
create trigger team_left after update on care_team referencing new table as touched for each statement execute function note_additions();
create trigger members_joined after insert on care_team referencing new table as touched for each statement execute function note_team();
create trigger members_left after update on care_team referencing new table as touched for each statement execute function note_team();
create trigger members_erased after delete on care_team referencing old table as touched for each statement execute function note_team();
