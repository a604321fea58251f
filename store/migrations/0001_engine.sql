-- Times are milliseconds since 1970 UTC. A comment /*sqlite: … */ or /*postgres: … */ is text for that database.

CREATE TABLE serial (
	name TEXT PRIMARY KEY,
	last BIGINT NOT NULL
);

-- One row; grows whenever something changed that the engine acts on, so that nodes need to watch nothing else.
CREATE TABLE pulse (n BIGINT NOT NULL);
INSERT INTO pulse (n) VALUES (0);

CREATE TABLE workspace (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	settings   JSONB NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE api_key (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	name         TEXT NOT NULL,
	scopes       TEXT NOT NULL,
	hash         TEXT NOT NULL, -- of the secret, SHA-256 in hexadecimal
	created_at   BIGINT NOT NULL,
	last_used_at BIGINT,
	revoked_at   BIGINT,
	ends_at      BIGINT -- NULL for a key that ends by being revoked alone
);
CREATE INDEX api_key_workspace ON api_key (workspace_id, created_at);

-- What was asked under an idempotency key and what was answered; status is NULL while it is being done.
CREATE TABLE idempotency (
	workspace_id TEXT NOT NULL,
	key          TEXT NOT NULL,
	request      TEXT NOT NULL, -- hash of the operation and of everything it was given
	turn         TEXT NOT NULL, -- who is doing it
	status       BIGINT,
	header       JSONB,
	body         BYTEA,
	created_at   BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE TABLE line (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	kind         TEXT NOT NULL CHECK (kind IN ('voice', 'email', 'sms', 'whatsapp')),
	name         TEXT NOT NULL,
	from_address TEXT NOT NULL,
	agent_id     TEXT,
	zone         TEXT NOT NULL,
	concurrent   BIGINT NOT NULL,
	per_second   DOUBLE PRECISION NOT NULL,
	per_day      BIGINT NOT NULL,
	settings     JSONB NOT NULL,
	secrets      TEXT,
	enabled      BOOLEAN NOT NULL,
	search_key   TEXT NOT NULL,
	revision     BIGINT NOT NULL,
	checked      JSONB, -- how it went when somebody tried it last
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	deleted_at   BIGINT
);
CREATE INDEX line_workspace ON line (workspace_id, id);

-- Who may start on a line, and what was started today. Every claim updates it.
CREATE TABLE line_run (
	line_no       BIGINT PRIMARY KEY REFERENCES line (no),
	node_no       BIGINT,
	term          BIGINT NOT NULL,
	expires_at    BIGINT NOT NULL,
	day           BIGINT NOT NULL,
	started       BIGINT NOT NULL,
	last_start_at BIGINT,
	standing      JSONB -- how the holder knows the line to stand with its network; NULL for what it does not know
);

CREATE TABLE agent (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	name         TEXT NOT NULL,
	version      BIGINT NOT NULL,
	definition   JSONB NOT NULL,
	search_key   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	deleted_at   BIGINT
);
CREATE INDEX agent_workspace ON agent (workspace_id, id);

CREATE TABLE campaign (
	no           BIGINT PRIMARY KEY,
	id           TEXT NOT NULL UNIQUE,
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	name         TEXT NOT NULL,
	external_key TEXT,
	channel      TEXT NOT NULL,
	line_no      BIGINT,
	agent_id     TEXT,
	definition   JSONB NOT NULL,
	archived     BOOLEAN NOT NULL,
	search_key   TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	revision     BIGINT NOT NULL,
	deleted_at   BIGINT
);
CREATE INDEX campaign_workspace ON campaign (workspace_id, id);
CREATE UNIQUE INDEX campaign_key ON campaign (workspace_id, external_key) WHERE external_key IS NOT NULL AND deleted_at IS NULL;

-- The cursors of the three priorities say how far first turns have come, the tails how far the numbers reach.
CREATE TABLE run (
	campaign_no   BIGINT PRIMARY KEY REFERENCES campaign (no),
	state         TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'active', 'paused', 'completed', 'cancelled')),
	pause_reason  TEXT NOT NULL,
	pause_params  JSONB NOT NULL,
	begins_at     BIGINT,
	ends_at       BIGINT,
	edition       BIGINT NOT NULL DEFAULT 0, -- how often the definition was changed after the draft: claims by an older one find nobody
	started_at    BIGINT,
	ended_at      BIGINT,
	lap           BIGINT NOT NULL,
	lap_opened_at BIGINT,
	lap_today     BIGINT NOT NULL,
	lap_ended_at  BIGINT,
	lap_next_at   BIGINT,
	lap_cursor    BIGINT NOT NULL, -- how far the lap is opened; -1 when none is being opened
	high_cursor   BIGINT NOT NULL,
	high_tail     BIGINT NOT NULL,
	normal_cursor BIGINT NOT NULL,
	normal_tail   BIGINT NOT NULL,
	low_cursor    BIGINT NOT NULL,
	low_tail      BIGINT NOT NULL,
	day           BIGINT NOT NULL DEFAULT 0, -- of the line's calendar, and how many attempts began on it
	started       BIGINT NOT NULL DEFAULT 0,
	revision      BIGINT NOT NULL,
	waiting       JSONB
) /*postgres: WITH (fillfactor = 20)*/;
CREATE INDEX run_state ON run (state);

-- A key is the campaign's number and the recipient's in one integer (key.go).
CREATE TABLE recipient (
	key         /*sqlite: INTEGER*/ /*postgres: BIGINT*/ PRIMARY KEY,
	contact_no  BIGINT,
	external_id TEXT,
	name        TEXT,
	address     TEXT NOT NULL,
	secondary   JSONB,
	variables   JSONB,
	zones       TEXT,
	language    TEXT,
	tags        JSONB,
	search_key  TEXT NOT NULL,
	dedupe      TEXT, -- the campaign and the primary address, where each may be there only once
	skipped     BOOLEAN NOT NULL,
	enrolled_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX recipient_dedupe ON recipient (dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX recipient_contact ON recipient (contact_no) WHERE contact_no IS NOT NULL;

-- Addresses of recipients that dedupe does not say: further ones, those of campaigns that take people twice, and those with
-- capitals. mark is the campaign's number and a part of the address's hash (store/whole.go).
CREATE TABLE recipient_address (
	mark BIGINT NOT NULL,
	key  BIGINT NOT NULL,
	PRIMARY KEY (mark, key)
) /*sqlite: WITHOUT ROWID*/;

-- How far a file was added to a campaign, so that adding it again goes on where it stopped.
CREATE TABLE enrolment (
	campaign_no BIGINT NOT NULL,
	source      TEXT NOT NULL,
	rows_done   BIGINT NOT NULL,
	PRIMARY KEY (campaign_no, source)
) /*sqlite: WITHOUT ROWID*/;

-- Everybody who has had their first turn is in exactly one of wait, flight and standing, with what is known of them.

-- Who waits for a time. A queue is a campaign and one priority.
CREATE TABLE wait (
	key        /*sqlite: INTEGER*/ /*postgres: BIGINT*/ PRIMARY KEY,
	queue      BIGINT NOT NULL,
	due_at     BIGINT NOT NULL,
	why        TEXT NOT NULL,
	status     TEXT NOT NULL,
	lap        BIGINT NOT NULL,
	tries      BIGINT NOT NULL,
	faults     BIGINT NOT NULL,
	ordinal    BIGINT NOT NULL,
	address    BIGINT NOT NULL,
	bad        BIGINT NOT NULL,
	last       TEXT,
	reason     TEXT,
	params     TEXT,
	changed_at BIGINT NOT NULL
);
CREATE INDEX wait_due ON wait (queue, due_at, key);

-- Open attempts: one per recipient, by the primary key. token is the fence: who closes it must know it. was, why, tries,
-- faults, bad and last are what the recipient stood at before; was is NULL at a first turn.
CREATE TABLE flight (
	key         /*sqlite: INTEGER*/ /*postgres: BIGINT*/ PRIMARY KEY,
	token       BIGINT NOT NULL,
	ordinal     BIGINT NOT NULL,
	lap         BIGINT NOT NULL,
	address     BIGINT NOT NULL,
	line_no     BIGINT NOT NULL,
	node_no     BIGINT NOT NULL,
	was         TEXT,
	why         TEXT,
	tries       BIGINT NOT NULL,
	faults      BIGINT NOT NULL,
	bad         BIGINT NOT NULL,
	last        TEXT,
	stage       TEXT NOT NULL,
	placed_at   BIGINT NOT NULL,
	answered_at BIGINT,
	until_at    BIGINT NOT NULL
);

-- Who is settled.
CREATE TABLE standing (
	key        /*sqlite: INTEGER*/ /*postgres: BIGINT*/ PRIMARY KEY,
	status     TEXT NOT NULL,
	result     TEXT NOT NULL,
	lap        BIGINT NOT NULL,
	tries      BIGINT NOT NULL,
	faults     BIGINT NOT NULL,
	ordinal    BIGINT NOT NULL,
	address    BIGINT NOT NULL,
	bad        BIGINT NOT NULL,
	last       TEXT,
	reason     TEXT,
	params     TEXT,
	changed_at BIGINT NOT NULL
);
CREATE INDEX standing_status ON standing (status /*postgres:, key*/);

CREATE TABLE attempt (
	key           BIGINT NOT NULL,
	ordinal       BIGINT NOT NULL,
	campaign_no   BIGINT NOT NULL,
	lap           BIGINT NOT NULL,
	line_no       BIGINT NOT NULL,
	address       BIGINT NOT NULL,
	ref           TEXT,
	placed_at     BIGINT NOT NULL,
	closed_at     BIGINT NOT NULL,
	code          TEXT NOT NULL,
	provider_code TEXT,
	provider_text TEXT,
	reason        TEXT,
	ring_ms       BIGINT NOT NULL,
	talk_ms       BIGINT NOT NULL,
	detail        JSONB,
	PRIMARY KEY (key, ordinal)
);
CREATE INDEX attempt_closed ON attempt (campaign_no, closed_at);

-- Calls of dead nodes that the network may still be carrying: they count against their line and their campaign until then.
CREATE TABLE airborne (
	line_no     BIGINT NOT NULL,
	campaign_no BIGINT NOT NULL,
	until_at    BIGINT NOT NULL
);
CREATE INDEX airborne_line ON airborne (line_no, until_at);

CREATE TABLE tally (
	campaign_no BIGINT NOT NULL,
	name        TEXT NOT NULL,
	n           BIGINT NOT NULL,
	PRIMARY KEY (campaign_no, name)
) /*sqlite: WITHOUT ROWID*/ /*postgres: WITH (fillfactor = 20)*/;

CREATE TABLE node (
	no         BIGINT PRIMARY KEY,
	name       TEXT NOT NULL,
	started_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	steady_at  BIGINT NOT NULL -- from then on it may take others for dead: it has itself been alive for long enough
);
