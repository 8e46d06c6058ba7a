-- About whom nobody is told anything any more. Persons are known here by pseudonym alone.
create table stops (
    person          uuid primary key,
    reason          text not null check (reason in ('consent_withdrawn', 'erased')),
    stopped_at      timestamptz not null
);
alter table messages add column person uuid;        -- the pseudonym of whom the event was about; null once erased
