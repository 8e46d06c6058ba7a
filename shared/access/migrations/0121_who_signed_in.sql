-- The audit of who signed in is looked through by time, and by worker or machine.

create index audit_at on audit (at);
create index audit_actor on audit (actor_id, at);
