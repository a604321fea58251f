package store

// RecentPeople is how many people have recent attempts that are kept for limits; -1 when that cannot be told.
func (s *Store) RecentPeople() int {
	n := -1
	if err := s.reads.QueryRow(`SELECT COUNT(*) FROM recent`).Scan(&n); err != nil {
		return -1
	}
	return n
}

// Among is the condition by which PostgreSQL looks for many numbers.
func Among(column string, numbers []int64) (condition string, args []any) {
	return anyAmong(postgres{}, column, 1, numbers)
}

// SetWindow sets how many rows a request for a page looks at.
func (s *Store) SetWindow(rows int) { s.window = rows }
