-- Who was erased, by pseudonym: what proves it, and what a restored backup has to go through again.
create table erasures (
    pseudonym           uuid primary key,
    person_id           uuid,               -- until every service has confirmed
    asked_as            uuid not null,      -- pseudonym of the reference or id by which it was asked
    why                 text not null check (why in ('asked', 'period_over')),
    asked_by            uuid,
    asked_at            timestamptz not null,
    announced_at        timestamptz not null,
    coordination_at     timestamptz,
    notifications_at    timestamptz
);
create index erasures_asked_as on erasures (asked_as);
create index erasures_open on erasures (person_id) where person_id is not null;

-- What is left of the referrals of who was erased, so that the count stays whole.
create table erased_referrals (
    id                  uuid primary key,
    pseudonym           uuid not null,
    received_at         timestamptz not null,
    judged_at           timestamptz not null,
    case_id             uuid,
    in_coordination     boolean not null
);
create index erased_referrals_of on erased_referrals (pseudonym);

create or replace view referral_places as
select id, person_id, received_at, judged_at,
       case when status = 'received' and check_due_at is null then 'handed_over' else status end as state,
       case when status in ('withdrawn', 'entered_in_error') then
                case when case_id is not null or outcome = 'eligible' and exists (
                         select from (select type, key, payload from outbox union all select type, key, payload from event_log) as told
                         where told.key = person_id and told.type like 'intake.referral_accepted.%'
                           and position(convert_to(referrals.id::text, 'UTF8') in told.payload) > 0)
                     then 'withdrawn' end
            when status = 'received' and check_due_at is null then 'handed_over'
            when status in ('received', 'information_needed', 'not_eligible') then
                case when case_id is not null then 'returned' end
            else status end as place
from referrals
union all
select id, coalesce(person_id, erased_referrals.pseudonym), received_at, judged_at, 'erased', case when in_coordination then 'erased' end
from erased_referrals join erasures on erasures.pseudonym = erased_referrals.pseudonym;
