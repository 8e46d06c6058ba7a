-- Who is in the care team of a case, as coordination tells, and which parts of the person their role needs.
create table care_team (
    case_id     uuid not null,
    member_id   uuid not null,
    person_id   uuid not null,          -- of whom the case is: a referral that moved to somebody else is not shown by its former case
    sees        text[] not null,
    primary key (case_id, member_id)
);
create index care_team_person on care_team (person_id);

alter table care_team enable row level security, force row level security;
create policy seen on care_team for select using (member_id = (select asks()));

-- What who asks sees of a referral's person as a member of the care team of its case while that is open; null: not a member.
create function as_member(referral referrals) returns text[] language sql stable
return (select sees from care_team
        where case_id = referral.case_id and person_id = referral.person_id and member_id = (select asks())
          and is_live(referral) and referral.status <> 'closed');

drop function ties(referrals);
create function ties(referral referrals) returns table (matched boolean, covered boolean, opened boolean, live boolean, goes_on boolean, consent boolean,
    sees text[])
language sql stable begin atomic
    select exists (select from matches where matches.referral_id = referral.id),
           coalesce(referral.case_id = any ((select covered())::uuid[]), false),
           coalesce(referral.person_id = any ((select opened())::uuid[]), false),
           is_live(referral), goes_on(referral), has_consent(referral.person_id), as_member(referral);
end;

create policy seen_by_team on referrals for select using (
    (select asks_as('care_team')) and as_member(referrals) is not null and has_consent(person_id));
create policy seen_by_team on persons for select using (
    (select asks_as('care_team'))
    and exists (select from referrals where person_id = persons.id and as_member(referrals) is not null and has_consent(person_id)));
create policy seen_by_team on records for select using (
    (select asks_as('care_team'))
    and kind = 'request'
    and exists (select from referrals where referrals.id = about and as_member(referrals) is not null and has_consent(referrals.person_id)));
