package freeport

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

func TestFind(t *testing.T) {
	var mu sync.Mutex
	given := map[int]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := 1; n <= 5; n++ {
				port, err := Find(t.Context(), n)
				if err != nil || port%2 != 0 {
					t.Errorf("%d: %v", port, err)
				}
				mu.Lock()
				for p := port; p < port+n; p++ {
					if given[p] {
						t.Errorf("%d was given twice", p)
					}
					given[p] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestFindPassesByWhatIsTaken(t *testing.T) {
	port, err := Find(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	at := "127.0.0.1:" + strconv.Itoa(port+1)
	u, err := net.ListenPacket("udp4", at)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if free(t.Context(), port, 3) {
		t.Error("free, though UDP has one")
	}
	if !free(t.Context(), port, 1) || !free(t.Context(), port+2, 1) {
		t.Error("not free beside it")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port+2))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if free(t.Context(), port+2, 1) {
		t.Error("free, though TCP has it")
	}
}
