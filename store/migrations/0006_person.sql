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

-- The id of the contact for whom it was taken down, when that was merged with the one who has it now, or deleted.
ALTER TABLE consent ADD COLUMN was_contact TEXT;
CREATE INDEX consent_was ON consent (was_contact) WHERE was_contact IS NOT NULL;

-- Addresses of people who were erased, as a keyed hash (audience.Veil): nobody is to be contacted at them.
CREATE TABLE erased (
	workspace_id TEXT NOT NULL,
	mark         TEXT NOT NULL,
	at           BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, mark)
) /*sqlite: WITHOUT ROWID*/;

-- How long a workspace keeps data of people; no row, or no period: for ever.
CREATE TABLE retention (
	workspace_id TEXT PRIMARY KEY,
	settings     JSONB NOT NULL,
	revision     BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- When a campaign's recipients were emptied of what tells who they were.
ALTER TABLE campaign ADD COLUMN emptied_at BIGINT;
