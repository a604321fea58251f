-- Messages that campaigns begin with. The definition is one of the channel's.
CREATE TABLE template (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	channel      TEXT NOT NULL,
	name         TEXT NOT NULL,
	description  TEXT NOT NULL,
	definition   JSONB NOT NULL,
	search_key   TEXT NOT NULL,
	revision     BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL
);
CREATE INDEX template_workspace ON template (workspace_id, id);
