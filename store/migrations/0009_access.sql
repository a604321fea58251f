-- People who sign in.
CREATE TABLE account (
	id         TEXT PRIMARY KEY,
	email      TEXT NOT NULL UNIQUE, -- in small letters
	name       TEXT NOT NULL,
	language   TEXT NOT NULL,
	password   TEXT,   -- argon2id; NULL while there is none
	secret     TEXT,   -- of the second factor, sealed
	pending    TEXT,   -- of a second factor that is being set up, sealed
	step       BIGINT NOT NULL DEFAULT 0, -- the last time step of the second factor whose code was used
	created_at BIGINT NOT NULL
);

CREATE TABLE membership (
	workspace_id TEXT NOT NULL REFERENCES workspace (id),
	account_id   TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'operator', 'viewer')),
	joined_at    BIGINT NOT NULL,
	seen_at      BIGINT,
	PRIMARY KEY (workspace_id, account_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX membership_account ON membership (account_id);

CREATE TABLE session (
	id           TEXT PRIMARY KEY,
	account_id   TEXT NOT NULL,
	hash         TEXT NOT NULL, -- of the secret, SHA-256 in hexadecimal
	workspace_id TEXT,          -- where they are at work; NULL for nowhere
	way          TEXT NOT NULL CHECK (way IN ('password', 'issuer')),
	origin       TEXT NOT NULL, -- the address they came from
	browser      TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	seen_at      BIGINT NOT NULL,
	ends_at      BIGINT NOT NULL -- at the latest
);
CREATE INDEX session_account ON session (account_id, created_at);
CREATE INDEX session_ends ON session (ends_at);

-- Links that can be used once: invitations, new passwords, and the links printed on the machine itself.
CREATE TABLE access_link (
	id           TEXT PRIMARY KEY,
	kind         TEXT NOT NULL CHECK (kind IN ('invitation', 'reset', 'owner')),
	hash         TEXT NOT NULL, -- of the secret; empty for a link that is signed instead
	workspace_id TEXT,
	account_id   TEXT,
	email        TEXT,
	role         TEXT,
	by_id        TEXT, -- who made it; NULL for nobody who was signed in
	created_at   BIGINT NOT NULL,
	ends_at      BIGINT NOT NULL,
	used_at      BIGINT
);
CREATE INDEX access_link_workspace ON access_link (workspace_id, created_at);
CREATE INDEX access_link_account ON access_link (account_id);
CREATE INDEX access_link_ends ON access_link (ends_at);

-- What stands in for the second factor, each once.
CREATE TABLE recovery_code (
	account_id TEXT NOT NULL,
	hash       TEXT NOT NULL,
	PRIMARY KEY (account_id, hash)
) /*sqlite: WITHOUT ROWID*/;

-- Who a person is at an issuer of identities (OpenID Connect).
CREATE TABLE identity (
	issuer     TEXT NOT NULL,
	subject    TEXT NOT NULL,
	account_id TEXT NOT NULL,
	PRIMARY KEY (issuer, subject)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX identity_account ON identity (account_id);

-- How often somebody has tried to sign in, by hashes of whom and from where.
CREATE TABLE throttle (
	bucket  TEXT PRIMARY KEY,
	count   BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX throttle_ends ON throttle (ends_at);
