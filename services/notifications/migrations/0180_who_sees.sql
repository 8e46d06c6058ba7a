-- Who sees which messages: the second wall behind `shared.access.rules`. Batches run as notifications_batch, which no policy holds.

alter table messages enable row level security, force row level security;
create policy seen on messages for select using (
    (select asks_as('ops'))
    or (select asks_as('sender', 'coordinator', 'zone_lead', 'zone_intake')) and recipient_id = (select asks())
    or (select asks_as('zone_lead', 'zone_intake')) and zone = any ((select asks_in())::text[]));

-- The messages about a referral, by id or reference, and about the case that it became. Some of them tell to which case it belongs and are not
-- for who asks; as the owner this function follows them. Which of its ids are shown, the policy says.
create policy followed_by_owner on messages for select to current_user using (true);
create function messages_about(referral uuid, told_reference text) returns uuid[] language sql stable security definer set search_path = pg_catalog, public
return (
    with asked as (
        select referral_id from messages where case_id is null and reference = told_reference and referral_id is not null
        union select referral where referral is not null),
    about as (
        select id from messages where referral_id in (select referral_id from asked)
        union
        select id from messages where case_id in (
            select case_id from messages where case_id is not null and referral_id in (select referral_id from asked)))
    select coalesce(array_agg(id), '{}') from about);

create index contacts_privacy_officers on contacts (id) where active and 'privacy_officer' = any (roles);
