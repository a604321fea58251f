package audio_test

import (
	"testing"

	"campanario/voice/audio"
)

func TestQueuePlaysInOrderAndCounts(t *testing.T) {
	q := audio.NewQueue(10)
	if !q.Push([]int16{1, 2, 3}) || !q.Push([]int16{4, 5}) || !q.Push(nil) {
		t.Fatal("what fits was refused")
	}
	if q.Push(make([]int16, 6)) {
		t.Error("eleven samples fitted into ten")
	}
	buf := make([]int16, 4)
	if n := q.ReadFrame(buf); n != 4 || buf[0] != 1 || buf[3] != 4 {
		t.Errorf("first frame: %d %v", n, buf)
	}
	if q.Played() != 4 || q.Queued() != 1 {
		t.Errorf("played %d, queued %d", q.Played(), q.Queued())
	}
	if n := q.ReadFrame(buf); n != 1 || buf[0] != 5 {
		t.Errorf("second frame: %d %v", n, buf)
	}
	if n := q.ReadFrame(buf); n != 0 {
		t.Errorf("an empty queue gave %d samples", n)
	}
}

func TestQueueTellsWhenItIsEmpty(t *testing.T) {
	closed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	q := audio.NewQueue(0)
	if !closed(q.Empty()) {
		t.Error("an empty queue did not say so at once")
	}
	q.Push([]int16{1, 2, 3})
	played := q.Empty()
	if closed(played) {
		t.Error("a full queue said that it is empty")
	}
	q.ReadFrame(make([]int16, 2))
	if closed(played) {
		t.Error("empty with one sample left")
	}
	q.ReadFrame(make([]int16, 2))
	if !closed(played) {
		t.Error("played to the end without a word")
	}
	q.Push([]int16{1, 2, 3})
	cleared := q.Empty()
	if n := q.Clear(); n != 3 || !closed(cleared) || q.Queued() != 0 {
		t.Errorf("cleared %d samples, told %v, %d left", n, closed(cleared), q.Queued())
	}
}
