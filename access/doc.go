// Package access says who may do what: workspaces, the keys by which programs come in, and what each key allows.
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
// # Scopes
//
// A key carries scopes. They stand for what a role will be able to do when people sign in with roles of their own:
// whoever asks gets a Principal and asks it, and cannot tell a key from a person.
package access
