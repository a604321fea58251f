// Package plan reads campaign files: one campaign written down in YAML or JSON, with the line it goes out on and the
// agent that speaks, as `campanario run` takes it and docs/campaign.schema.json describes it.
//
// A file is read strictly. Everything that is wrong with it is told at once, with line and column. It holds no secrets:
// where a line's settings need one, the file names a variable of the environment (${NAME}) that has it.
package plan
