// Package console serves the web console: a single-page application on the HTTP API, whose source is in console/app and
// whose build, in site/dist, becomes part of the program. A program that was built without Node has a page in its place
// that says so.
//
// # What is answered
//
// A file of the build is answered as it is, in the encoding the browser takes; they were compressed when it was built.
// Files under assets carry a hash of what they hold in their names and are kept for a year; everything else is asked for
// again each time, and mostly answered by 304.
//
// The paths of pages (/campaigns/…) are answered with the application, which knows what to show. Only the sections that it
// has are: any other path outside the API is the application too, with the status 404, and the API's own paths never come
// here.
package console
