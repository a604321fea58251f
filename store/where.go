package store

import (
	"context"
	"strings"
	"time"
)

// FileOf is the SQLite file that a URL of Options names; false for PostgreSQL.
func FileOf(url string) (path string, ok bool) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return "", false
	}
	return strings.TrimPrefix(url, "sqlite:"), true
}

// Now is the database's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var ms int64
	err := s.reads.QueryRowContext(ctx, `SELECT `+s.clockSQL()).Scan(&ms)
	return time.UnixMilli(ms).UTC(), s.readError(err)
}
