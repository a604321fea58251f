-- People. no is their place in the bitmaps of posting; it rises with time. Their ids are made of it and created_at
-- (audience.ContactID).
CREATE TABLE contact (
	no           /*sqlite: INTEGER*/ /*postgres: BIGINT*/ PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	external_id  TEXT,
	document     TEXT, -- CPF or CNPJ, without punctuation
	name         TEXT NOT NULL,
	zone         TEXT,
	language     TEXT,
	city         TEXT,
	state        TEXT,
	location     TEXT,
	priority     TEXT, -- NULL for the normal one
	tags         JSONB, -- these four are NULL when there is nothing in them
	portfolios   JSONB,
	segments     JSONB,
	attributes   JSONB,
	reaches      TEXT NOT NULL, -- their addresses in the order in which they are tried, as JSON: [["+5511987654321", "label"], ["ana@example.com"]]
	standings    TEXT, -- what is known of these, as JSON: {"+5511987654321": ["valid", 1767225600000]}; NULL while nothing is
	primary_no   BIGINT, -- whom they stand in for
	import_no    BIGINT, -- which import made them
	search_key   TEXT NOT NULL,
	revision     BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL,
	imported_at  BIGINT,
	contacted_at BIGINT, -- by us
	heard_at     BIGINT  -- from them
) /*postgres: WITH (fillfactor = 85)*/;
-- The workspace comes second: the database would rather walk through all of its contacts than look up a few thousand ids.
-- Who its contacts are, the posting of term "all" says.
CREATE UNIQUE INDEX contact_external ON contact (external_id, workspace_id) WHERE external_id IS NOT NULL;
CREATE INDEX contact_document ON contact (document, workspace_id) WHERE document IS NOT NULL;
CREATE INDEX contact_primary ON contact (primary_no) WHERE primary_no IS NOT NULL;

-- How often somebody changed the contacts of a workspace: an import sees by it whether what it knows of them still holds.
CREATE TABLE contact_epoch (
	workspace_id TEXT PRIMARY KEY,
	n            BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/ /*postgres: WITH (fillfactor = 50)*/;

-- Who has an address: mark is a hash of the workspace and the address without regard to capitals (markOf). Two people may share one, and
-- two addresses a mark, so whoever looks here looks at the contact too.
CREATE TABLE reach (
	mark       BIGINT NOT NULL,
	contact_no BIGINT NOT NULL,
	PRIMARY KEY (mark, contact_no)
) /*sqlite: WITHOUT ROWID*/;

-- What contacts can be filtered by: each value of each field, and how many have it.
CREATE TABLE term (
	no           BIGINT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	field        TEXT NOT NULL,
	value        TEXT NOT NULL, -- folded
	shown        TEXT NOT NULL, -- as it was first written
	n            BIGINT NOT NULL
);
CREATE UNIQUE INDEX term_value ON term (workspace_id, field, value);

-- Who has it: a bitmap (RoaringFormatSpec) of the lower 16 bits of contacts' numbers for each value of the upper ones.
CREATE TABLE posting (
	term_no BIGINT NOT NULL,
	chunk   BIGINT NOT NULL,
	bits    BYTEA NOT NULL,
	PRIMARY KEY (term_no, chunk)
);

-- The attributes that contacts have, and how many values of each are terms; -1 for one that has too many.
CREATE TABLE attribute (
	workspace_id TEXT NOT NULL,
	name         TEXT NOT NULL,
	terms        BIGINT NOT NULL,
	PRIMARY KEY (workspace_id, name)
) /*sqlite: WITHOUT ROWID*/;

-- channel '' holds for every channel. The same address can be there for several reasons, which end at different times.
CREATE TABLE suppression (
	workspace_id TEXT NOT NULL,
	address      TEXT NOT NULL, -- in small letters
	channel      TEXT NOT NULL,
	reason       TEXT NOT NULL,
	source       TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	expires_at   BIGINT,
	PRIMARY KEY (workspace_id, address, channel, reason)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX suppression_expires ON suppression (expires_at) WHERE expires_at IS NOT NULL;

-- Saved lists: a filter, and whether it was evaluated once (who fitted it then is a term) or is each time.
CREATE TABLE audience (
	id           TEXT PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	name         TEXT NOT NULL,
	name_key     TEXT NOT NULL,
	description  TEXT NOT NULL,
	filter       JSONB NOT NULL,
	static       BOOLEAN NOT NULL,
	frozen_at    BIGINT,
	revision     BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	updated_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX audience_name ON audience (workspace_id, name_key);
