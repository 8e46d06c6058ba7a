-- Which erasures stand where in the ledger outside the database.
create table ledger (
    pseudonym           uuid primary key references erasures,
    person_ids          uuid[] not null,    -- what the file has to say, today's id first; nobody once it says so
    place               bigint              -- null: not written yet
);
create index ledger_unwritten on ledger (pseudonym) where place is null;
