package api

// Listeners is how many event streams are open.
func (s *Server) Listeners() int {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	return s.live.listeners + s.work.listeners
}
