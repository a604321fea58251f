package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"campanario/cmd/campanario/internal/doctor"
)

var placeholders = regexp.MustCompile(`\{[a-z]+\}`)

// TestWordsAreWholeInEveryLanguage: every text is there three times with the same values, and none is left over.
func TestWordsAreWholeInEveryLanguage(t *testing.T) {
	var all map[string]map[string]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(all["en"]))
	for language, texts := range all {
		if have := slices.Sorted(maps.Keys(texts)); !slices.Equal(have, keys) {
			t.Errorf("%s has other texts than en: %v", language, have)
		}
		for key, text := range texts {
			if text == "" {
				t.Errorf("%s: %s is empty", language, key)
			}
			have, want := placeholders.FindAllString(text, -1), placeholders.FindAllString(all["en"][key], -1)
			slices.Sort(have)
			slices.Sort(want)
			if !slices.Equal(have, want) {
				t.Errorf("%s: %s has the values %v, en %v", language, key, have, want)
			}
		}
	}
	used := usedWords(t)
	for _, key := range keys {
		if !used[key] {
			t.Errorf("nothing says %q", key)
		}
	}
	for key := range used {
		if _, ok := all["en"][key]; !ok {
			t.Errorf("%q is said and has no text", key)
		}
	}
}

// usedWords are the keys that our source says: written out, or put together of a prefix and what it is made from.
func usedWords(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{"help.codes": true, "more_rejected": true, "more_rejected_in": true, "open.calls": true, "open.messages": true}
	var files []string
	for _, pattern := range []string{"*.go", "internal/single/*.go", "internal/doctor/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	written := regexp.MustCompile(`(?:Say|\bsay|\bline)\("([a-z_.-]+)"[,)]`)
	found := regexp.MustCompile(`x\.add\([A-Za-z]+, [A-Za-z]+, "([a-z_]+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range written.FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
		for _, m := range found.FindAllStringSubmatch(string(source), -1) {
			used["doctor."+m[1]] = true
		}
	}
	for _, l := range []doctor.Level{doctor.Good, doctor.Warn, doctor.Bad} {
		used["level."+string(l)] = true
	}
	for _, p := range []doctor.Part{doctor.Data, doctor.Disk, doctor.Key, doctor.Database, doctor.HTTP, doctor.SIP, doctor.Speech, doctor.Clock} {
		used["part."+string(p)] = true
	}
	a := newApp(nil, nil, func(string) string { return "" })
	for _, c := range []*cobra.Command{a.serve(), a.single(), a.sandbox(), a.migrate(), a.doctor(), a.rescueKey(), a.access(), a.accessLink(), a.schema(), a.version()} {
		used["does."+c.Name()] = true
		if a.words.Has("help." + c.Name()) {
			used["help."+c.Name()] = true
		}
		c.Flags().VisitAll(func(f *pflag.Flag) { used["flag."+f.Name] = true })
	}
	used["does.campanario"] = true
	return used
}
