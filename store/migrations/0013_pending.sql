-- Those who wait for their turn again: few among very many who wait for another attempt.
CREATE INDEX wait_pending ON wait (key) WHERE status = 'pending';
