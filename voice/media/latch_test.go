package media

import (
	"net/netip"
	"testing"
	"time"
)

func TestLatch(t *testing.T) {
	const (
		sdp      = "192.0.2.1:4000"
		nat      = "198.51.100.7:51234"
		natAgain = "198.51.100.7:60000"
		attacker = "203.0.113.66:4000"
		second   = "192.0.2.2:5000"
	)
	type step struct {
		from string
		ssrc uint32
		seq  uint16
		at   time.Duration
		want verdict
		sdp  string // signalled just before
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"the signalled source is confirmed by its first packet", []step{
			{sdp, 1, 10, 0, moved, ""}, {sdp, 1, 11, 0, hear, ""}, {attacker, 1, 11, 0, drop, ""},
		}},
		{"a source behind a NAT needs three in sequence", []step{
			{nat, 1, 10, 0, drop, ""},
			{nat, 1, 11, 0, drop, ""},
			{nat, 1, 12, 0, moved, ""},
			{nat, 1, 13, 0, hear, ""},
			{sdp, 1, 14, 0, drop, ""},
		}},
		{"packets out of sequence prove nothing", []step{
			{nat, 1, 10, 0, drop, ""},
			{nat, 1, 12, 0, drop, ""},
			{nat, 1, 14, 0, drop, ""},
			{nat, 2, 15, 0, drop, ""},
			{nat, 2, 16, 0, drop, ""},
			{nat, 2, 17, 0, moved, ""},
		}},
		{"a sprayer is overtaken by the signalled source", []step{
			{attacker, 1, 10, 0, drop, ""},
			{attacker, 1, 11, 0, drop, ""},
			{sdp, 5, 1, 0, moved, ""},
			{attacker, 1, 12, 0, drop, ""},
			{attacker, 1, 13, 0, drop, ""},
		}},
		{"a sprayer who was there before the signalled source loses the call to it", []step{
			{attacker, 1, 10, 0, drop, ""},
			{attacker, 1, 11, 0, drop, ""},
			{attacker, 1, 12, 0, moved, ""},
			{sdp, 5, 1, time.Second, drop, ""},
			{attacker, 1, 13, time.Second, hear, ""},
			{nat, 7, 1, time.Second, drop, ""},
			{sdp, 5, 2, time.Second, drop, ""},
			{nat, 7, 2, time.Second, drop, ""},
			{sdp, 5, 3, time.Second, moved, ""},
			{attacker, 1, 14, time.Second, drop, ""},
			{attacker, 1, 15, time.Second, drop, ""},
			{attacker, 1, 16, time.Second, drop, ""},
			{sdp, 5, 4, time.Second, hear, ""},
		}},
		{"also who sprays while it rings, and the far end is slow to speak", []step{
			{attacker, 1, 10, 0, drop, second},
			{attacker, 1, 11, 0, drop, ""},
			{attacker, 1, 12, 0, moved, ""},
			{attacker, 1, 13, time.Second, hear, sdp},
			{attacker, 1, 14, 4 * time.Second, moved, ""},
			{sdp, 5, 1, 5 * time.Second, drop, ""},
			{sdp, 5, 2, 5 * time.Second, drop, ""},
			{sdp, 5, 3, 5 * time.Second, moved, ""},
		}},
		{"two candidates spoil each other's sequence", []step{
			{attacker, 1, 10, 0, drop, ""},
			{nat, 2, 1, 0, drop, ""},
			{attacker, 1, 11, 0, drop, ""},
			{nat, 2, 2, 0, drop, ""},
			{nat, 2, 3, 0, drop, ""},
			{nat, 2, 4, 0, moved, ""},
		}},
		{"nobody takes a confirmed call over", []step{
			{sdp, 1, 10, 0, moved, ""},
			{attacker, 2, 1, time.Minute, drop, ""},
			{attacker, 2, 2, time.Minute, drop, ""},
			{attacker, 2, 3, time.Minute, drop, ""},
			{attacker, 2, 4, time.Hour, drop, ""},
		}},
		{"a NAT that forgot: the same stream from another place", []step{
			{nat, 1, 10, 0, drop, ""},
			{nat, 1, 11, 0, drop, ""},
			{nat, 1, 12, 0, moved, ""},
			{attacker, 1, 13, 0, drop, ""},
			{attacker, 1, 14, 0, drop, ""},
			{attacker, 1, 15, 0, moved, ""},
		}},
		{"the stream's numbers must go on", []step{
			{sdp, 1, 10, 0, moved, ""}, {attacker, 1, 9000, 0, drop, ""}, {attacker, 1, 9001, 0, drop, ""}, {attacker, 1, 9002, 0, drop, ""},
		}},
		{"another port of the same host, after a silence", []step{
			{nat, 1, 10, 0, drop, ""},
			{nat, 1, 11, 0, drop, ""},
			{nat, 1, 12, 0, moved, ""},
			{natAgain, 2, 1, 100 * time.Millisecond, drop, ""},
			{natAgain, 2, 2, 120 * time.Millisecond, drop, ""},
			{natAgain, 2, 3, 140 * time.Millisecond, drop, ""},
			{natAgain, 2, 4, 600 * time.Millisecond, moved, ""},
			{natAgain, 2, 5, 620 * time.Millisecond, hear, ""},
		}},
		{"a re-INVITE moves to the new address; the old is heard until it speaks", []step{
			{sdp, 1, 10, 0, moved, ""},
			{sdp, 1, 11, 0, hear, second},
			{second, 2, 1, 0, moved, ""},
			{sdp, 1, 12, 0, drop, ""},
			{second, 2, 2, 0, hear, ""},
		}},
		{"a re-INVITE to an address behind a NAT", []step{
			{sdp, 1, 10, 0, moved, ""},
			{nat, 2, 1, 0, drop, second},
			{sdp, 1, 11, 0, hear, ""},
			{nat, 2, 2, 0, drop, ""},
			{nat, 2, 3, 0, moved, ""},
			{nat, 2, 4, 0, hear, ""},
			{sdp, 1, 12, 0, drop, ""},
		}},
		{"a re-INVITE after which the old source goes on", []step{
			{sdp, 1, 10, 0, moved, ""},
			{sdp, 1, 11, time.Second, hear, second},
			{sdp, 1, 12, 2 * time.Second, hear, ""},
			{sdp, 1, 13, 4 * time.Second, moved, ""},
			{second, 9, 1, 4 * time.Second, drop, ""},
		}},
		{"a re-INVITE with the same address changes nothing", []step{
			{sdp, 1, 10, 0, moved, ""}, {attacker, 2, 1, 0, drop, sdp}, {attacker, 2, 2, 0, drop, ""}, {attacker, 2, 3, 0, drop, ""},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l latch
			l.expect(netip.MustParseAddrPort(sdp), 0)
			for i, s := range tt.steps {
				if s.sdp != "" {
					l.expect(netip.MustParseAddrPort(s.sdp), s.at)
				}
				if got := l.judge(netip.MustParseAddrPort(s.from), s.ssrc, s.seq, s.at); got != s.want {
					t.Fatalf("step %d, from %s: %s, want %s", i, s.from, got, s.want)
				}
			}
		})
	}
}
