-- How campaigns are filled from the contact base. picked is whom the source stood for when it was evaluated last, high and
-- low those of these priorities among them, and member whom it ever stood for; all are bitmaps of contacts' numbers. Who is
-- added in a pass are those picked who are no members, high priority first, and cursor says how many of them are done.
CREATE TABLE filling (
	campaign_no BIGINT PRIMARY KEY REFERENCES campaign (no),
	renews      BOOLEAN NOT NULL, -- the source is evaluated anew at each occurrence
	pass        BIGINT NOT NULL,
	state       TEXT NOT NULL CHECK (state IN ('waiting', 'due', 'filling', 'filled', 'failed')),
	picked      BYTEA,
	high        BYTEA,
	low         BYTEA,
	member      BYTEA,
	cursor      BIGINT NOT NULL,
	counts      JSONB NOT NULL,
	picked_at   BIGINT,
	node_no     BIGINT,
	lease_until BIGINT
);
CREATE INDEX filling_open ON filling (campaign_no) WHERE state IN ('due', 'filling');

-- Which import brought a consent, and which entry of the history one takes back as if it had never been there.
ALTER TABLE consent ADD COLUMN import_no BIGINT;
ALTER TABLE consent ADD COLUMN undoes BIGINT;
CREATE INDEX consent_import ON consent (import_no) WHERE import_no IS NOT NULL;
CREATE INDEX consent_undoes ON consent (undoes) WHERE undoes IS NOT NULL;

-- How far what attempts tell of contacts was noted at them: of each campaign the last attempt that was, in the order in
-- which they ended, and how many were.
CREATE TABLE learnt (
	campaign_no BIGINT PRIMARY KEY,
	closed_at   BIGINT NOT NULL,
	key         BIGINT NOT NULL,
	ordinal     BIGINT NOT NULL,
	counted     BIGINT NOT NULL,
	again       BOOLEAN NOT NULL -- it is gone through once more, since some were committed late
) /*sqlite: WITHOUT ROWID*/;

-- What one node does for all of them.
CREATE TABLE duty (
	name        TEXT PRIMARY KEY,
	node_no     BIGINT NOT NULL,
	lease_until BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- Whom the contacts of an import stand in for, in the words of the file, where nobody is known by them yet: they may be of a
-- later row.
CREATE TABLE import_tie (
	import_no   BIGINT NOT NULL,
	contact_no  BIGINT NOT NULL,
	line        BIGINT NOT NULL,
	external_id TEXT NOT NULL,
	document    TEXT NOT NULL,
	address     TEXT NOT NULL,
	PRIMARY KEY (import_no, contact_no)
) /*sqlite: WITHOUT ROWID*/;
