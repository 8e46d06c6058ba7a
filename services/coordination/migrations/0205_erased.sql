-- Who was erased, by pseudonym of every id they had: what comes late about them has no effect. How much did is counted.
create table erased (
    person              uuid primary key,
    erased_at           timestamptz not null,
    discarded           int not null default 0
);
