package media

// reorder holds packets that came before the one that is due. Nothing is allocated before the first of them.
type reorder struct {
	slots []held
	count int
}

// held is a packet that waits.
type held struct {
	used      bool
	sequence  uint16
	timestamp uint32
	kind      kind
	payload   []byte
}

const (
	reorderDepth = 16 // packets a hole can be filled within, a power of two
	reorderWait  = 3  // packets that come after a missing one before it is given up
)

// put keeps a packet that is less than reorderDepth ahead of the one due. It reports false for one it holds already.
func (r *reorder) put(sequence uint16, timestamp uint32, k kind, payload []byte) bool {
	if r.slots == nil {
		r.slots = make([]held, reorderDepth)
	}
	h := &r.slots[sequence%reorderDepth]
	if h.used {
		return false
	}
	h.used, h.sequence, h.timestamp, h.kind = true, sequence, timestamp, k
	h.payload = append(h.payload[:0], payload...)
	r.count++
	return true
}

// take gives the packet of that number if it is there. Its bytes stay good until the next put.
func (r *reorder) take(sequence uint16) *held {
	if r.count == 0 {
		return nil
	}
	h := &r.slots[sequence%reorderDepth]
	if !h.used || h.sequence != sequence {
		return nil
	}
	h.used = false
	r.count--
	return h
}

// clear forgets all packets.
func (r *reorder) clear() {
	for i := range r.slots {
		r.slots[i].used = false
	}
	r.count = 0
}
