-- Files of contacts on their way in. lease_until keeps others off a session that a node works on.
CREATE TABLE import (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL,
	state        TEXT NOT NULL CHECK (state IN ('open', 'ready', 'checking', 'checked', 'running', 'done', 'cancelled', 'failed', 'undoing', 'undone')),
	name         TEXT NOT NULL, -- of the file
	size         BIGINT NOT NULL,
	parts        BIGINT NOT NULL,
	options      JSONB NOT NULL,
	found        JSONB,
	counts       JSONB NOT NULL,
	rows_done    BIGINT NOT NULL,
	failure      JSONB,
	made_from    BIGINT, -- among contacts with these numbers are those that it made and that are not undone
	made_to      BIGINT,
	made_by      TEXT NOT NULL,
	node_no      BIGINT,
	lease_until  BIGINT,
	revision     BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	ended_at     BIGINT
);
CREATE INDEX import_workspace ON import (workspace_id, no);
CREATE INDEX import_state ON import (state);

CREATE TABLE import_part (
	import_no BIGINT NOT NULL,
	part      BIGINT NOT NULL,
	data      BYTEA NOT NULL, -- gzip
	PRIMARY KEY (import_no, part)
);

-- What the trial or the import met: rows that were refused, with their cells as they came, and warnings.
CREATE TABLE import_problem (
	import_no   BIGINT NOT NULL,
	line        BIGINT NOT NULL,
	place       BIGINT NOT NULL, -- its number among the problems of the import
	severity    TEXT NOT NULL CHECK (severity IN ('refused', 'warning')),
	column_name TEXT NOT NULL,
	code        TEXT NOT NULL,
	params      JSONB,
	cells       JSONB,
	PRIMARY KEY (import_no, line, place)
) /*sqlite: WITHOUT ROWID*/;

-- Contacts as they were before an import changed them, and which revision that made.
CREATE TABLE import_before (
	import_no  BIGINT NOT NULL,
	contact_no BIGINT NOT NULL,
	revision   BIGINT NOT NULL,
	contact    JSONB NOT NULL,
	PRIMARY KEY (import_no, contact_no)
) /*sqlite: WITHOUT ROWID*/;
