-- Who changed what. Personal data is there as ids alone.
CREATE TABLE audit (
	no           BIGINT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	at           BIGINT NOT NULL,
	actor_kind   TEXT NOT NULL CHECK (actor_kind IN ('key', 'user', 'program')),
	actor_id     TEXT,
	actor_name   TEXT,
	operation    TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id   TEXT,
	request      TEXT,
	details      JSONB
);
CREATE INDEX audit_workspace ON audit (workspace_id, no);
CREATE INDEX audit_subject ON audit (workspace_id, subject_id, no) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (workspace_id, actor_id, no) WHERE actor_id IS NOT NULL;

-- Contacts that are one with another now.
CREATE TABLE merged (
	id           TEXT PRIMARY KEY, -- that they had
	workspace_id TEXT NOT NULL,
	contact_no   BIGINT NOT NULL, -- of whom they are
	at           BIGINT NOT NULL
);
CREATE INDEX merged_contact ON merged (contact_no);

-- For whom it was taken down, when that is not the contact who has it now.
ALTER TABLE consent ADD COLUMN was_contact TEXT;
