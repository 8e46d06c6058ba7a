-- Messages concern the counts of operations only.

create function note_messages() returns trigger language plpgsql as $$
begin
    insert into changes (audience) select '{}'::text[] from touched limit 1;
    return null;
end $$;

create trigger messages_added after insert on messages referencing new table as touched for each statement execute function note_messages();
create trigger messages_changed after update on messages referencing new table as touched for each statement execute function note_messages();
