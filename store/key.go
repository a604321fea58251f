package store

import "campanario/campaign"

// keyShift leaves room for the numbers of one campaign's recipients.
const keyShift = 34

// key is a recipient's name in the engine's tables: the campaign's number and theirs in one integer. One unique column
// makes small indexes, and plans that are right from the first row on: for two columns the database guesses badly until
// it has gathered statistics.
func key(campaignNo int64, n campaign.Number) int64 { return campaignNo<<keyShift | int64(n) }

// numberOfKey is the recipient's number in a key.
func numberOfKey(k int64) campaign.Number { return campaign.Number(k & (1<<keyShift - 1)) }

// keyBounds gives the bounds of a campaign's keys: after the first, and before the second.
func keyBounds(campaignNo int64) (after, before int64) {
	return campaignNo << keyShift, (campaignNo + 1) << keyShift
}

// queue is which waits of a campaign belong together: those of one priority.
func queue(campaignNo int64, b campaign.Band) int64 { return campaignNo<<2 | int64(b) }
