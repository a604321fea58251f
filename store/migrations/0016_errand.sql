-- Work on all recipients whom a filter picks, gone on with batch by batch: cursor moves in the transaction that does a batch.
-- lease_until keeps other nodes off. What the filter says goes when the work has ended.
CREATE TABLE errand (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL,
	campaign_no  BIGINT NOT NULL,
	into_no      BIGINT, -- the campaign they are copied to
	action       TEXT NOT NULL CHECK (action IN ('retry', 'remove', 'set_pending', 'set_completed', 'copy')),
	filter       JSONB,
	state        TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
	cursor       BIGINT NOT NULL, -- number of the last recipient that was looked at
	changed      BIGINT NOT NULL,
	skipped      BIGINT NOT NULL,
	failure      JSONB,
	made_by      TEXT NOT NULL,
	node_no      BIGINT,
	lease_until  BIGINT,
	created_at   BIGINT NOT NULL,
	ended_at     BIGINT
);
CREATE INDEX errand_campaign ON errand (campaign_no, no);
CREATE INDEX errand_into ON errand (into_no) WHERE into_no IS NOT NULL;
CREATE INDEX errand_open ON errand (no) WHERE state = 'running';
