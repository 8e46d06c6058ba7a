-- Who asks, as the transaction was told (`shared.access.asking`); nobody where it was not. The policies of tables are written with these.

create function asks() returns uuid language sql stable
return nullif(current_setting('zorgspoor.actor', true), '')::uuid;

create function asks_for() returns uuid language sql stable
return nullif(current_setting('zorgspoor.organisation', true), '')::uuid;

create function asks_as(variadic roles text[]) returns boolean language sql stable
return coalesce(nullif(current_setting('zorgspoor.roles', true), '')::text[] && roles, false);

create function asks_in() returns text[] language sql stable
return coalesce(nullif(current_setting('zorgspoor.zones', true), '')::text[], '{}');

create function asks_at() returns timestamptz language sql stable
return nullif(current_setting('zorgspoor.at', true), '')::timestamptz;

-- Somebody sees the audit as privacy officer only; what nobody asked (the sealer, `audit verify`) sees all of it. Everybody adds to it.
alter table audit enable row level security, force row level security;
create policy seen on audit for select using ((select asks()) is null or (select asks_as('privacy_officer')));
create policy added on audit for insert with check (true);
create policy kept_by_owner on audit to current_user using (true) with check (true);
