-- Reports that are written in the background. lease_until keeps others off one that a node writes; whoever takes it begins
-- anew, in parts of the next term.
CREATE TABLE report (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL,
	campaign_id  TEXT NOT NULL,
	state        TEXT NOT NULL CHECK (state IN ('waiting', 'writing', 'done', 'cancelled', 'failed')),
	name         TEXT NOT NULL, -- of the file
	options      JSONB NOT NULL,
	rows_done    BIGINT NOT NULL,
	progress     BIGINT NOT NULL, -- thousandths
	size         BIGINT NOT NULL, -- bytes
	parts        BIGINT NOT NULL,
	term         BIGINT NOT NULL,
	lost         BIGINT NOT NULL, -- how often a node that wrote it was gone
	failure      JSONB,
	made_by      TEXT NOT NULL,
	node_no      BIGINT,
	lease_until  BIGINT,
	created_at   BIGINT NOT NULL,
	ended_at     BIGINT,
	expires_at   BIGINT
);
CREATE INDEX report_campaign ON report (campaign_id, no);
CREATE INDEX report_open ON report (no) WHERE state IN ('waiting', 'writing');
CREATE INDEX report_expires ON report (expires_at);

CREATE TABLE report_part (
	report_no BIGINT NOT NULL,
	term      BIGINT NOT NULL,
	part      BIGINT NOT NULL,
	data      BYTEA NOT NULL,
	PRIMARY KEY (report_no, term, part)
);
