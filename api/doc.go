// Package api serves the HTTP API: it decodes, calls a service, and encodes. Nothing is decided here.
//
// # The protocol
//
// Everything lies under /api/v1; /api/openapi.json describes it all (OpenAPI 3.1). Requests carry
// "Authorization: Bearer cmp_…", or the cookie of a person's session. The key names the workspace, the session the one its
// user is at work in (another of theirs for one request: Campanario-Workspace); what belongs to another one does not exist.
// Every operation says in its metadata which scope it needs: one of a key or a role, "personal" for what only a person can
// do about themselves, "open" for what is there for those who are not signed in. What a page of another site has a browser
// send is refused; programs may come from anywhere.
//
// Bodies are JSON in UTF-8 unless an operation says otherwise. Members and query parameters that are not known are
// refused, so that a spelling mistake is not taken for silence. Instants are RFC 3339 in UTC. Lengths of time that were
// measured are whole milliseconds (…_ms); those that people set are texts such as "30s" or "10m".
//
// A refusal is application/problem+json (RFC 9457): code and params for programs, errors with every single problem and
// the field it is about, and title, detail and text in the language of Accept-Language (pt-BR, es, en). Field paths are
// those of the body; what stands elsewhere is told by its beginning: "query.limit", "path.number", "header.if-match".
//
//	400  the body cannot be read           409  not in this state; key used for something else
//	401  nobody who is known               412  If-Match names a revision that is not the last
//	403  the key lacks the scope           413, 415  too large; of a type that is not taken
//	404  not there, or another's           422  something in it is wrong: errors says what
//	408  the body did not come in time     429  too often: Retry-After says when again
//	                                       500, 503  a defect; something we depend on is away
//
// Lists give items and, when there is more, next_cursor for ?cursor=. A page may have fewer items than limit, or none, before
// the end: those that look for something end with how much was looked at. Cursors are opaque, and stay good while the list
// changes: nothing is given twice or left out that was there all the time.
//
// What has a revision comes with an ETag; a change with If-Match is refused with 412 when somebody was faster. PATCH is
// a JSON merge patch (RFC 7396): what is not named stays, null takes away.
//
// Creations take an Idempotency-Key (up to 200 signs): for 24 hours the same request with the same key is answered the
// same without being done again (Idempotency-Replayed: true); another request under the same key is a 409. Only what
// succeeded is kept. Should the server die in the moment between doing and noting it down, the request is done again;
// whoever must exclude that gives campaigns a key, contacts an external id, and additions of recipients a source.
//
// # Files of recipients
//
// An upload is read while it comes, whatever its size, and stored in batches. What is wrong with one row stops no other:
// the answer counts the refused rows by code and tells the first thousand of them with their lines. An upload that
// cannot be read to its end is a refusal whose member enrolled says what was done before.
//
// # Live events
//
// A campaign that somebody watches is read once a second by one reader, whoever else watches it. A reader that has not
// taken a snapshot when the next one comes never sees it: nobody is held up, and memory is one snapshot for each.
//
// # Inside
//
// A request passes, from the outside: its id and its line in the log, the net under panics, the check of its path; then,
// inside huma, the key and its scope, the parameters, the idempotency key, the body, the handler.
package api
