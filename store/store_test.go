package store_test

import (
	"context"
	"testing"

	"campanario/internal/dbtest"
	"campanario/store"
)

func TestMigrateTwiceDoesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		done, err := s.Migrate(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if len(done) != 0 {
			t.Errorf("second Migrate took the steps %v", done)
		}
		have, want, err := s.Schema(context.Background())
		if err != nil || have != want || have < 1 {
			t.Errorf("schema %d of %d, %v", have, want, err)
		}
	})
}
