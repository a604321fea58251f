// Package campanario is the root of the module: it holds only what is about the whole tree. The program is
// cmd/campanario; the packages beside this file are its table of contents, and ARCHITECTURE.md is their map.
package campanario
