-- Who is signed in, what was used once, and the machines of organisations. Secrets are kept as their hashes only.

create table sign_ins (
    state_hash bytea primary key,
    browser_hash bytea not null,
    nonce text not null,
    verifier text not null,
    back text not null,
    session_id uuid,
    ends_at timestamptz not null
);
comment on column sign_ins.session_id is 'the session that goes on when its person shows again who they are; null: a new one begins';
create index sign_ins_ends_at on sign_ins (ends_at);

create table sessions (
    id uuid primary key,
    secret_hash bytea not null unique,
    person_id uuid not null,
    held jsonb not null,
    chosen integer,
    browser text not null default '',
    started_at timestamptz not null,
    shown_at timestamptz not null,
    used_at timestamptz not null,
    ends_at timestamptz not null
);
comment on column sessions.held is 'a worker or provider as the identity provider told: name, language, memberships';
comment on column sessions.browser is 'its family, as the browser said when somebody signed in: enough to know it again, too little to follow it';
comment on column sessions.shown_at is 'when the person last showed the identity provider who they are, as far as it says';
comment on column sessions.chosen is 'which of the memberships; null while somebody has still to choose';
create index sessions_person_id on sessions (person_id);
create index sessions_ends_at on sessions (ends_at);

create table clients (
    id uuid primary key,
    title text not null,
    organisation_id uuid not null,
    organisation_name text not null,
    scopes text[] not null,
    keys jsonb not null,
    added_at timestamptz not null,
    revoked_at timestamptz
);
comment on column clients.keys is 'public keys only (JWKS)';

create table used_assertions (
    client_id uuid not null references clients,
    jti_hash bytea not null,
    ends_at timestamptz not null,
    primary key (client_id, jti_hash)
);
create index used_assertions_ends_at on used_assertions (ends_at);

create table client_tokens (
    secret_hash bytea primary key,
    client_id uuid not null references clients,
    scopes text[] not null,
    ends_at timestamptz not null
);
create index client_tokens_ends_at on client_tokens (ends_at);
create index client_tokens_client_id on client_tokens (client_id);
