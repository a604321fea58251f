package api

// Listeners is how many event streams are open.
func (s *Server) Listeners() int {
	s.live.mu.Lock()
	defer s.live.mu.Unlock()
	s.work.mu.Lock()
	defer s.work.mu.Unlock()
	return s.live.listeners + s.work.listeners
}

// Join listens to a campaign until leave.
func (s *Server) Join(who, workspace, campaign string) (leave func(), err error) {
	l, err := s.live.join(who, workspace, campaign)
	return func() { s.live.leave(l) }, err
}
