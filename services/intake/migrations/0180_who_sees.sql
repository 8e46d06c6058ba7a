-- Who sees which rows: the second wall behind `shared.access.rules`. Batches run as intake_batch, which no policy holds; they decide with `may`.
-- Questions about who asks stand in `(select …)`: answered once per statement instead of once per row.

-- Who covers which case for its coordinator from when to when, as coordination tells.
create table covers (
    leave_id uuid not null,
    cover_id uuid not null,
    case_id uuid not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    primary key (leave_id, cover_id, case_id)
);
create index covers_cover on covers (cover_id);

create function covered() returns uuid[] language sql stable
return array(select case_id from covers
             where cover_id = asks() and asks_at() >= starts_at and asks_at() < ends_at);

-- Who broke the glass: looks without a relation, in an emergency. What they said of it is a record.
create table glass (
    id uuid primary key,
    actor_id uuid not null,
    person_id uuid not null,
    referral_id uuid not null,
    reason text not null check (reason in ('danger', 'nobody_reachable', 'asked_by_rescue')),
    broken_at timestamptz not null,
    until timestamptz not null,
    check (until > broken_at)
);
create index glass_actor on glass (actor_id, until);
alter table records drop constraint records_kind_check;
alter table records add constraint records_kind_check check (kind in ('draft', 'request', 'information', 'check', 'glass'));

alter table glass enable row level security, force row level security;
create policy seen on glass for select using ((select asks_as('privacy_officer')) or actor_id = (select asks()));

create function opened() returns uuid[] language sql stable
return array(select person_id from glass where actor_id = asks() and asks_at() >= broken_at and asks_at() < until);

alter table matches enable row level security, force row level security;
create policy seen on matches for select using (
    (select asks_as('zone_lead', 'zone_intake')) and zone = any ((select asks_in())::text[]));

-- Whether anything of what was asked for with a referral is still wanted.
create function is_live(referral referrals) returns boolean language sql immutable
return referral.status not in ('withdrawn', 'entered_in_error');

-- Whether what is known of a person may be shared: the last word on consent holds. The one place that says so; `ties` gives it to `may`.
-- Looks past the policies, as the owner: whoever asks may see the person and not what was said on consent.
create function has_consent(whose uuid) returns boolean language sql stable security definer set search_path = pg_catalog, public
return coalesce((select state from public.consents where consents.person_id = whose order by id desc limit 1) <> 'withdrawn', true);

-- Whether the case goes on for who holds it: while it is open also without consent, to end the care with the person; later only with it.
create function goes_on(referral referrals) returns boolean language sql stable
return is_live(referral) and (referral.status <> 'closed' or has_consent(referral.person_id));

-- What ties who asks to a referral today, besides what its own columns say: the facts of `services.intake.referrals.relations`.
create function ties(referral referrals) returns table (matched boolean, covered boolean, opened boolean, live boolean, goes_on boolean, consent boolean)
language sql stable begin atomic
    select exists (select from matches where matches.referral_id = referral.id),
           coalesce(referral.case_id = any ((select covered())::uuid[]), false),
           coalesce(referral.person_id = any ((select opened())::uuid[]), false),
           is_live(referral), goes_on(referral), has_consent(referral.person_id);
end;

alter table drafts enable row level security, force row level security;
create policy seen on drafts for select using ((select asks_as('sender')) and sender_organisation_id = (select asks_for()));

alter table referrals enable row level security, force row level security;
create policy seen on referrals for select using (
    (select asks_as('ops'))
    or (select asks_as('sender')) and sender_organisation_id = (select asks_for())
    or (select asks_as('coordinator'))
        and (coordinator_id = (select asks()) or offered_to = (select asks()) or case_id = any ((select covered())::uuid[]))
    or (select asks_as('zone_lead')) and zone = any ((select asks_in())::text[])
    or (select asks_as('zone_intake')) and zone = any ((select asks_in())::text[])
        and (check_due_at is not null or decided_by is not null or exists (select from matches where referral_id = referrals.id))
    or (select asks_as('coordinator', 'zone_lead', 'zone_intake')) and person_id = any ((select opened())::uuid[]));
-- Only what was said; whoever sees a referral of the person.
alter table consents enable row level security, force row level security;
create policy seen on consents for select using (exists (select from referrals where referrals.person_id = consents.person_id));
create policy audited_by_owner on referrals for select to current_user using (true);
alter view referral_places set (security_invoker = true);

alter table referral_steps enable row level security, force row level security;
create policy seen on referral_steps for select using (exists (select from referrals where referrals.id = referral_id));

-- Operations sees ids and codes of referrals, and never what is personal; a sender knows what they sent, not what is known besides.
alter table persons enable row level security, force row level security;
create policy seen on persons for select using (
    exists (select from referrals where person_id = persons.id and (
        (select asks_as('coordinator')) and is_live(referrals)
            and (coordinator_id = (select asks()) and goes_on(referrals)
                 or (offered_to = (select asks()) or case_id = any ((select covered())::uuid[])) and has_consent(person_id))
        or (select asks_as('zone_lead')) and zone = any ((select asks_in())::text[]) and has_consent(person_id)))
    or exists (select from matches where known_id = persons.id) and has_consent(id)
    or (select asks_as('coordinator', 'zone_lead', 'zone_intake')) and id = any ((select opened())::uuid[]));

alter table records enable row level security, force row level security;
create policy seen on records for select using (
    exists (select from drafts where drafts.id = about)
    or exists (select from referrals where referrals.id = about and (
        (select asks_as('sender')) and sender_organisation_id = (select asks_for())
        or (select asks_as('coordinator')) and is_live(referrals)
            and (coordinator_id = (select asks()) and goes_on(referrals)
                 or (offered_to = (select asks()) or case_id = any ((select covered())::uuid[])) and has_consent(referrals.person_id))
        or (select asks_as('zone_lead')) and zone = any ((select asks_in())::text[]) and has_consent(referrals.person_id)
        or (select asks_as('zone_intake')) and zone = any ((select asks_in())::text[]) and has_consent(referrals.person_id)
            and (check_due_at is not null or decided_by is not null or exists (select from matches where referral_id = referrals.id))))
    or (select asks_as('coordinator', 'zone_lead', 'zone_intake')) and person_id = any ((select opened())::uuid[]));

-- A data key is shown with the person or the draft whose it is, and with what was said of the person: a sender reads what they sent.
alter table keys.data_keys enable row level security, force row level security;
create policy seen on keys.data_keys for select using (
    exists (select from persons where persons.id = data_keys.id) or exists (select from drafts where drafts.id = data_keys.id)
    or exists (select from referrals join records on records.about = referrals.id where referrals.person_id = data_keys.id));

-- Whose file an audit is asked about, in ids only: who sees the audit sees no referrals. As the owner these functions look past the policy.
create function audited_person(told_reference text) returns uuid language sql stable security definer set search_path = pg_catalog, public
return (select person_id from referrals where (select asks_as('privacy_officer')) and (reference = told_reference or case_reference = told_reference)
        order by received_at desc limit 1);

create function audited_referrals(whose uuid) returns table (id uuid, reference text, case_id uuid) language sql stable security definer set search_path = pg_catalog, public begin atomic
    select referrals.id, referrals.reference, referrals.case_id from referrals
    where (select asks_as('privacy_officer')) and person_id = whose order by received_at;
end;
