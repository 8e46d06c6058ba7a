-- Whom a secret belongs to, told to who was handed it: what a service needs that is not the one people sign in at. Looks past what its login may, as the
-- owner; it lists nobody.

create function session_of(secret bytea, at timestamptz, unused_since timestamptz)
returns table (id uuid, person_id uuid, held jsonb, chosen integer, used_at timestamptz, language text)
language sql stable security definer set search_path = pg_catalog, public begin atomic
    select sessions.id, sessions.person_id, sessions.held, sessions.chosen, sessions.used_at, preferences.language
    from sessions left join preferences using (person_id)
    where sessions.secret_hash = secret and sessions.ends_at > at and sessions.used_at > unused_since;
end;

create function use_session(secret bytea, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public begin atomic
    update sessions set used_at = greatest(used_at, at) where secret_hash = secret;
end;

create function token_of(secret bytea, at timestamptz)
returns table (id uuid, title text, organisation_id uuid, organisation_name text, scopes text[])
language sql stable security definer set search_path = pg_catalog, public begin atomic
    select clients.id, clients.title, clients.organisation_id, clients.organisation_name, client_tokens.scopes
    from client_tokens join clients on clients.id = client_tokens.client_id
    where client_tokens.secret_hash = secret and client_tokens.ends_at > at and clients.revoked_at is null;
end;
