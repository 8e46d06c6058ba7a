create table effects (place bigint generated always as identity primary key, person_id uuid not null, n int not null);
create table seats (id int primary key, free int not null check (free >= 0));
