// Package access says who may do what: workspaces, the people who sign in and the keys by which programs come in, what each
// of them may do, and what they did.
//
// # Keys
//
// A key is shown once, when it is made, and looks like
//
//	cmp_<id>_<secret>
//
// The id (16 signs) finds the key, the secret (52 signs, 256 random bits) proves it. Only the SHA-256 of the secret is
// kept: a secret of that size needs no slow hash, for nobody can try them all. Both parts are of small letters and
// digits without those that look alike, so that a key survives being read out or double-clicked.
//
// # Scopes and roles
//
// Scopes are a ladder: read, operate, manage, own, each including those before it. A key carries scopes; what a person may
// do follows from their role in the workspace, which stands for one rung. Whoever asks gets a Principal and asks it, and
// need not know whether it is a program or a person.
//
// # People
//
// A user has a mailbox, a password (argon2id) or an identity at an issuer or both, perhaps a second factor, and a role in
// each of their workspaces. Signing in gives a session, whose token is made like a key (cms_…) and kept as its hash; what a
// session may do is looked up with every request, so that whatever is taken away is away at once.
//
// Nobody is told whether there is an account: wrong and unknown are answered alike, take as long, and are throttled alike.
// Tries count from their beginning, in the database, so that many at once on many nodes are not more.
//
// Who is not signed in comes in by a link that is used once: an invitation or a new password (cml_…, a row with a hash), or
// an owner's link (cmo_…, signed; see OwnerLinks). What a link allows happens in the transaction that uses it up. An owner
// of one workspace has no way into another one by way of somebody who is in both.
package access
