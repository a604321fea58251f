package api

import (
	"context"
	"net/http"
	"time"
)

// readyPatience bounds the question whether the process can serve.
const readyPatience = 2 * time.Second

// healthy says that the process answers at all.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) { status(w, http.StatusOK, "healthy") }

// ready says whether it can do its work; why it cannot stands in the log.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
	defer cancel()
	if s.o.Ready != nil {
		if err := s.o.Ready(ctx); err != nil {
			s.log.Warn("not_ready", "error", err)
			status(w, http.StatusServiceUnavailable, "not_ready")
			return
		}
	}
	status(w, http.StatusOK, "ready")
}

func status(w http.ResponseWriter, code int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(`{"status":"` + word + `"}` + "\n"))
}
