-- A partition of the days from first to before last; what the default partition took meanwhile moves into it.
create function make_partition(parent text, name text, by text, first date, last date) returns void
language plpgsql set search_path = public as $$
begin
    if to_regclass(name) is null then
        execute format('create table %I (like %I including all)', name, parent);
        execute format('with moved as (delete from %I where %I >= %L and %I < %L returning *) insert into %I select * from moved',
                       parent || '_default', by, first, by, last, name);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, name, first, last);
    end if;
end $$;
