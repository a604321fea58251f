package api

// Listeners is how many event streams are open.
func (s *Server) Listeners() int {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	return s.live.listeners
}
