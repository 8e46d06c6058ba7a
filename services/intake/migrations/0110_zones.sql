-- Areas with their own coordination team. A zone's prefix begins references that people keep: it never changes.

create sequence zone_revision;

create table zones (
    code           text primary key check (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name_nl        text not null,
    name_fr        text not null,
    entity         text not null check (entity in ('flanders', 'brussels')),
    prefix         text not null unique check (prefix ~ '^[A-Z][A-Z0-9]{1,7}$'),
    valid_from     date not null,
    source         text not null,                       -- 'shipped', or where an import came from
    municipalities jsonb not null,                      -- [{"nis": "21004", "postcodes": ["1000"]}]; postcodes null: the whole municipality
    revision       bigint not null default nextval('zone_revision')
);
