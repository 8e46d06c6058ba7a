create table offers (
    id              uuid primary key,
    case_id         uuid not null,
    role            text not null,
    coordinator_id  uuid not null,
    points          integer not null,
    offered_at      timestamptz not null,
    deadline        timestamptz not null,
    familiar        boolean not null default false,
    status          text not null check (status in ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'ended')),
    reason          text,
    answered_at     timestamptz,
    final_at        timestamptz,
    settled         boolean not null default false,
    excludes_until  timestamptz,
    ended_at        timestamptz,
    away_from       timestamptz,
    away_to         timestamptz
);
create unique index one_active_offer_per_case_and_role on offers (case_id, role) where status in ('offered', 'accepted');
create index offers_case on offers (case_id);
-- The load of a coordinator is counted from this index alone.
create index offers_load on offers (coordinator_id) include (points, offered_at) where status in ('offered', 'accepted');
create index offers_ended on offers (coordinator_id, answered_at) where status = 'ended';

-- One card per decision. `inputs` holds codes, numbers and places in the team version: no person id.
create table decision_cards (
    id              bigint generated always as identity primary key,
    case_id         uuid not null,
    decided_at      timestamptz not null,
    rule_version    text not null,
    team_version    uuid not null,
    chosen          uuid,
    reason          text,
    draw            double precision not null,
    inputs          json not null
);
create index decision_cards_case on decision_cards (case_id, id);
