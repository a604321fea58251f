-- Lists of addresses that must not be contacted: a customer's own, and public registers. Their entries are a file (package
-- registry) of which each node keeps a copy. version is that of the file that counts, 0 while there is none; allotted is the
-- last one that was begun.
CREATE TABLE registry (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL,
	name         TEXT NOT NULL,
	name_key     TEXT NOT NULL,
	kind         TEXT NOT NULL CHECK (kind IN ('block_list', 'do_not_call')),
	holds        TEXT NOT NULL CHECK (holds IN ('phones', 'mailboxes')),
	channels     TEXT NOT NULL, -- with commas between them; '' for all that such addresses are for
	expires_at   BIGINT,
	version      BIGINT NOT NULL,
	allotted     BIGINT NOT NULL,
	entries      BIGINT NOT NULL,
	rejected     BIGINT NOT NULL,
	size         BIGINT NOT NULL, -- of the file
	parts        BIGINT NOT NULL,
	sum          TEXT NOT NULL, -- of the file, SHA-256 in hexadecimal
	origin       JSONB NOT NULL, -- where the entries were fetched, and what tells whether they have changed
	replaced_at  BIGINT,
	created_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX registry_name ON registry (workspace_id, name_key);

CREATE TABLE registry_part (
	registry_no BIGINT NOT NULL,
	version     BIGINT NOT NULL,
	part        BIGINT NOT NULL,
	data        BYTEA NOT NULL,
	written_at  BIGINT NOT NULL,
	PRIMARY KEY (registry_no, version, part)
);

-- Who was suppressed in the last minutes, a transaction a row in the order of commits, for the orders that other nodes hold
-- in memory.
CREATE TABLE stop (
	no       BIGINT PRIMARY KEY,
	people   TEXT NOT NULL, -- JSON
	noted_at BIGINT NOT NULL
);
CREATE INDEX stop_noted ON stop (noted_at);
