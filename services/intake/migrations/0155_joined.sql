-- Which ids were given up when two persons became one. Ids only. What was published, held and recorded before stands under the id that is gone:
-- erasing, holding and "who looked" ask here. Of who was erased it stays, under the pseudonym, as long as the audit keeps what it names.
create table joined (
    gone                uuid primary key,
    stays               uuid not null       -- the person, or once erased the pseudonym
);
create index joined_stays on joined (stays);
