-- What every service's database holds of the messaging kernel.

create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null,
    type text not null,
    key uuid not null,
    correlation_id uuid not null,
    causation_id uuid,
    recorded_at timestamptz not null,
    payload bytea not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_insert_scale_factor = 0);

-- Everything that was published, in the order in which it was published.
create table event_log (
    id bigint not null,
    event_id uuid not null,
    type text not null,
    key uuid not null,
    correlation_id uuid not null,
    causation_id uuid,
    recorded_at timestamptz not null,
    payload bytea not null,
    primary key (id, recorded_at)
) partition by range (recorded_at);
create index event_log_key on event_log (key, id);
create table event_log_default partition of event_log default;

-- Which events this service has handled or parked.
create table inbox (
    event_id uuid not null,
    day date not null,
    primary key (event_id, day)
) partition by range (day);
create table inbox_default partition of inbox default;

create table timers (
    id uuid primary key,
    kind text not null,
    subject uuid not null,
    due_at timestamptz not null,
    correlation_id uuid not null,
    tries int not null default 0,
    stopped_because text
);
create index timers_due on timers (due_at) where stopped_because is null;

-- Events that could not be handled, and later ones of the same person behind them.
create table parked (
    id bigint generated always as identity primary key,
    event_id uuid not null,
    type text not null,
    key uuid,
    topic text not null,
    partition int not null,
    log_offset bigint not null,
    headers jsonb not null,
    value bytea,
    state text not null check (state in ('retrying', 'behind', 'stopped', 'discarded')),
    reason text not null,
    tries int not null default 0,
    next_try_at timestamptz,
    parked_at timestamptz not null,
    changed_at timestamptz not null
);
create index parked_key on parked (key, id) where state <> 'discarded';
create index parked_open on parked (id) where state <> 'discarded';

create table idempotency (
    client text not null,
    key text not null,
    request_hash bytea not null,
    answer jsonb,
    created_at timestamptz not null,
    primary key (client, key)
);
create index idempotency_created on idempotency using brin (created_at);

-- The app login may not create tables; this function, run with the owner's rights, makes the partitions of the days and months to come
-- and drops inbox days that no topic can repeat any more.
create function keep_partitions(today date, inbox_days int) returns void
language plpgsql security definer set search_path = public as $$
declare
    month date := date_trunc('month', today)::date;
    old record;
begin
    perform pg_advisory_xact_lock(7301905226108843003);     -- one process at a time
    for ahead in -1..3 loop
        perform make_partition('inbox', 'inbox_' || to_char(today + ahead, 'YYYYMMDD'), 'day', today + ahead, today + ahead + 1);
    end loop;
    for ahead in 0..2 loop
        perform make_partition('event_log', 'event_log_' || to_char(month + make_interval(months => ahead), 'YYYYMM'), 'recorded_at',
                               (month + make_interval(months => ahead))::date, (month + make_interval(months => ahead + 1))::date);
    end loop;
    for old in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
               where i.inhparent = 'inbox'::regclass and c.relname ~ '^inbox_\d{8}$'
                 and to_date(right(c.relname, 8), 'YYYYMMDD') < today - inbox_days loop
        execute format('drop table %I', old.relname);
    end loop;
    delete from inbox_default where day < today - inbox_days;
end $$;
