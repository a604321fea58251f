package campanario_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// licences are those that a module in our program may be under, each by words of its text that no other has. See
// docs/decisions/0025-apache-licence.md.
var licences = []struct{ name, words string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"BSD", "Redistribution and use in source and binary forms"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software"},
}

// TestLicences reads the licence of every module that is linked into the program.
func TestLicences(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Module", "./cmd/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dirs := map[string]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Module     *struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && !p.Module.Main {
			dirs[p.Module.Path] = p.Module.Dir
		}
	}
	if len(dirs) < 10 {
		t.Fatalf("only %d modules were found: the test looks in the wrong place", len(dirs))
	}
	for path, dir := range dirs {
		if name := licenceIn(t, dir); name == "" {
			t.Errorf("module %s has none of the licences that we link: %s", path, dir)
		}
	}
}

// licenceIn names the licence of the module in the folder; empty when it is none of ours.
func licenceIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		base, _, _ := strings.Cut(strings.ToUpper(e.Name()), ".")
		if e.IsDir() || !slices.Contains([]string{"LICENSE", "LICENCE", "COPYING"}, base) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Fields(string(text)), " ")
		if strings.Contains(plain, "GNU") && strings.Contains(plain, "GENERAL PUBLIC LICENSE") {
			return ""
		}
		for _, l := range licences {
			if strings.Contains(plain, l.words) {
				return l.name
			}
		}
	}
	return ""
}
