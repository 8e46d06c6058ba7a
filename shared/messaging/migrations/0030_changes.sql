-- Whom a change concerns, so that open pages hear of it: one row per changing statement, written by triggers in the transaction of the
-- change and forgotten after a minute or two. Unlogged: after a crash every page looks again anyway. See docs/decisions/0017-live-pages.md.

create unlogged table changes (
    tx bigint not null default (pg_current_xact_id()::text::bigint),
    audience text[] not null                -- `zone <code>`, `worker <id>`, `organisation <id>`; nobody: only who hears everything
);
create index changes_tx on changes (tx);
