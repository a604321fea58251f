-- Every version of an agent that somebody saved, the newest ones; the last of them is the agent as it is.
CREATE TABLE agent_version (
	agent_id   TEXT NOT NULL REFERENCES agent (id),
	version    BIGINT NOT NULL,
	name       TEXT NOT NULL,
	definition JSONB NOT NULL,
	saved_at   BIGINT NOT NULL,
	PRIMARY KEY (agent_id, version)
);
INSERT INTO agent_version (agent_id, version, name, definition, saved_at) SELECT id, version, name, definition, updated_at FROM agent;
