-- What became of a campaign's attempts, by the quarter of an hour in which they were placed: for what is told of days and
-- hours, whatever the clock. A counter like tally, written in the same transactions (campaign.Slice).
CREATE TABLE slice (
	campaign_no BIGINT NOT NULL,
	at          BIGINT NOT NULL, -- when it begins
	attempts    BIGINT NOT NULL,
	first_turns BIGINT NOT NULL,
	answered    BIGINT NOT NULL,
	picked_up   BIGINT NOT NULL,
	faults      BIGINT NOT NULL,
	technical   BIGINT NOT NULL,
	refused     BIGINT NOT NULL,
	goals       BIGINT NOT NULL,
	talk_ms     BIGINT NOT NULL,
	PRIMARY KEY (campaign_no, at)
) /*sqlite: WITHOUT ROWID*/ /*postgres: WITH (fillfactor = 20)*/;
CREATE INDEX slice_at ON slice (at);
