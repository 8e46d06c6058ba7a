-- Who sees which rows: the second wall behind `shared.access.rules`. Batches run as coordination_batch, which no policy holds; they decide
-- with `may`. Questions about who asks stand in `(select …)`: answered once per statement instead of once per row.

-- The cases that are offered to who asks. Cases are seen through offers and offers through cases; as the owner this function cuts the circle.
create function offered() returns uuid[] language sql stable security definer set search_path = pg_catalog, public
return array(select case_id from offers where coordinator_id = asks() and status in ('offered', 'accepted'));

alter table cases enable row level security, force row level security;
create policy seen on cases for select using (
    (select asks_as('ops'))
    or (select asks_as('coordinator'))
        and (coordinator_id = (select asks()) or id = any ((select offered())::uuid[]))
    or (select asks_as('zone_lead', 'zone_intake')) and zone = any ((select asks_in())::text[]));

alter table offers enable row level security, force row level security;
create policy seen on offers for select using (
    coordinator_id = (select asks()) or exists (select from cases where cases.id = case_id));
create policy seen_by_owner on offers for select to current_user using (true);

-- What coordinators carry and were lately given: sums that a whole zone may see, of offers that it may not. As the owner it counts them all.
create function carried(whose uuid[], since timestamptz) returns table (id uuid, points integer, recent integer)
language sql stable security definer set search_path = pg_catalog, public begin atomic
    select worker.id, active.points, active.recent + ended.recent
    from unnest(whose) as worker(id),
        lateral (select coalesce(sum(offers.points), 0)::int as points, count(*) filter (where offered_at >= since)::int as recent
                 from offers where coordinator_id = worker.id and status in ('offered', 'accepted')) as active,
        lateral (select count(*)::int as recent
                 from offers where coordinator_id = worker.id and status = 'ended' and answered_at >= since) as ended;
end;

alter table decision_cards enable row level security, force row level security;
create policy seen on decision_cards for select using (exists (select from cases where cases.id = case_id));

alter table case_referrals enable row level security, force row level security;
create policy seen on case_referrals for select using ((select asks_as('ops')) or exists (select from cases where cases.id = case_id));

alter table case_tasks enable row level security, force row level security;
create policy seen on case_tasks for select using (exists (select from cases where cases.id = case_id));

alter table case_additions enable row level security, force row level security;
create policy seen on case_additions for select using (exists (select from cases where cases.id = case_id));
