-- Whom to tell, and what was told.

-- Organisations, providers and workers; a worker has the same id as in coordination's workforce.
create table contacts (
    id uuid primary key,
    kind text not null check (kind in ('organisation', 'provider', 'worker')),
    name text not null,
    organisation_id uuid,
    organisation text not null,
    email text,
    phone text not null,
    language text not null check (language in ('nl', 'fr', 'de', 'en')),
    municipality text not null,
    roles text[] not null,
    zones text[] not null,
    channels text[] not null,
    active boolean not null,
    changed_at timestamptz not null
);
create index contacts_zones on contacts using gin (zones);

-- A name as somebody types it who has no accents at hand: without case, accents and ligatures, with one kind of apostrophe.
create function as_typed(name text) returns text
language sql immutable parallel safe set search_path = pg_catalog as $$
    select replace(replace(translate(regexp_replace(normalize(lower(name), NFD), '[\u0300-\u036f]', '', 'g'), '’‘`´', repeat('''', 4)),
                           'œ', 'oe'), 'æ', 'ae')
$$;

-- One record per event, recipient and channel. No name, no programme, no address: those are looked up, if ever, when it is sent or shown.
create table messages (
    id uuid primary key,
    event_id uuid not null,
    recipient_id uuid not null,
    channel text not null,
    role text not null,
    kind text not null,
    language text not null,
    reference text not null,
    referral_id uuid,
    case_id uuid,
    zone text not null,
    state text not null check (state in ('waiting', 'sending', 'delivered', 'failed', 'skipped')),
    reason text,
    tries int not null default 0,
    due_at timestamptz not null,            -- when to try; while sending, when the sender's lease runs out
    trying_since timestamptz not null,
    fact_at timestamptz not null,           -- when the event was recorded by its producer
    recorded_at timestamptz not null,
    ended_at timestamptz,
    attempts jsonb not null default '[]',
    unique (event_id, recipient_id, channel)
);
create index messages_due on messages (due_at) where state in ('waiting', 'sending');
create index messages_referral on messages (referral_id);
create index messages_recipient on messages (recipient_id, recorded_at);
create index messages_case on messages (case_id) where case_id is not null;
create index messages_reference on messages (reference) where case_id is null;
