-- What senders added to referrals of a case: the text is a record of intake.
create table case_additions (
    record_id       uuid primary key,
    case_id         uuid not null,
    referral_id     uuid not null,
    added_at        timestamptz not null,
    missed          boolean not null        -- it came after the case was closed
);
create index case_additions_case on case_additions (case_id);
