-- What people agreed to and what they took back, as it was taken down. Rows are only ever added.
CREATE TABLE consent (
	no           BIGINT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	contact_no   BIGINT NOT NULL,
	address      TEXT,   -- NULL for all of theirs
	channel      TEXT,   -- NULL for every one
	line_id      TEXT,   -- NULL for every one
	given        BOOLEAN NOT NULL,
	basis        TEXT,
	source       TEXT NOT NULL,
	proof        TEXT,
	by_key       TEXT,   -- who took it down; NULL for the person themselves
	at           BIGINT NOT NULL,
	kept_at      BIGINT NOT NULL
);
CREATE INDEX consent_contact ON consent (contact_no, at, no);

-- Limits of how often people may be contacted, and what else binds a workspace.
CREATE TABLE rule_book (
	workspace_id TEXT PRIMARY KEY,
	settings     JSONB NOT NULL,
	revision     BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- The recent attempts of a person whom a limit counts, for claims to look at and add to; who changes a row has it until
-- the end of the transaction. person is the number of a contact or, for whom the base does not know, a negative hash of
-- their address.
CREATE TABLE recent (
	person    BIGINT PRIMARY KEY,
	attempts  TEXT NOT NULL, -- a JSON list
	latest_at BIGINT NOT NULL
) /*postgres: WITH (fillfactor = 50)*/;
CREATE INDEX recent_latest ON recent (latest_at);

-- Whose recent attempts an open one is among; NULL while nothing counts them.
ALTER TABLE flight ADD COLUMN person BIGINT;
