-- Who did or saw what of whom: written with what it tells, never changed. See docs/decisions/0014-audit-chain.md.

create sequence audit_ids;

create table audit (
    id bigint not null default nextval('audit_ids'),
    tx bigint not null default (pg_current_xact_id()::text::bigint),
    at timestamptz not null,
    actor_id uuid,
    role text not null,
    organisation_id uuid,
    zone text,
    person_id uuid,
    case_id uuid,
    subject_id uuid,
    action text not null,
    purpose text not null,
    relation text,
    outcome text not null,
    request_id uuid,
    primary key (tx, id, at)
) partition by range (at);
create index audit_person on audit (person_id) where person_id is not null;
create index audit_case on audit (case_id) where case_id is not null;
create index audit_subject on audit (subject_id) where subject_id is not null;
create table audit_default partition of audit default;

-- The chain: each row closes the entries of the transactions from_tx (inclusive) to to_tx (exclusive) with an id above after_id.
create table audit_seals (
    place bigint primary key,
    after_id bigint not null,
    from_tx bigint not null,
    to_tx bigint not null,
    last_id bigint not null,
    entries int not null,
    hash bytea not null
);

-- What the owner's default privileges gave to others is taken back: entries can be added and read, partitions not even that.
create function add_only(name text, granted text) returns void
language plpgsql set search_path = public as $$
declare
    login text;
begin
    for login in select distinct acl.grantee::regrole::text from pg_class c, aclexplode(c.relacl) acl
                 where c.oid = name::regclass and acl.grantee <> c.relowner and acl.grantee <> 0 loop
        execute format('revoke all on %I from %s', name, login);
        if granted <> '' then
            execute format('grant %s on %I to %s', granted, name, login);
        end if;
    end loop;
end $$;
select add_only('audit', 'select, insert (at, actor_id, role, organisation_id, zone, person_id, case_id, subject_id, action, purpose, relation, outcome, request_id)');
select add_only('audit_default', '');
select add_only('audit_seals', 'select, insert');

create function keep_audit_partitions(today date) returns void
language plpgsql security definer set search_path = public as $$
declare
    month date := date_trunc('month', today)::date;
    name text;
begin
    perform pg_advisory_xact_lock(7301905226108843003);     -- one process at a time
    for ahead in 0..2 loop
        name := 'audit_' || to_char(month + make_interval(months => ahead), 'YYYYMM');
        perform make_partition('audit', name, 'at', (month + make_interval(months => ahead))::date,
                               (month + make_interval(months => ahead + 1))::date);
        perform add_only(name, '');
    end loop;
end $$;
