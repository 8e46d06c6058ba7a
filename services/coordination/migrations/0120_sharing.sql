-- Consent withdrawn: nothing of an open case is shared any more. Erased: `person_id` is a pseudonym, and what told of the person is gone.
alter table cases add column consent_withdrawn_at timestamptz, add column erased_at timestamptz;
create index cases_person on cases (person_id);
drop index cases_known_person;
