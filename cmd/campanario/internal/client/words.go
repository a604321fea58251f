package client

import (
	_ "embed" // the words

	"campanario/cmd/campanario/internal/terminal"
	"campanario/internal/locale"
)

// wordsFile holds the words of this package by language; what the rest of the program says too is known to package locale.
//
//go:embed words.json
var wordsFile []byte

func wordsOf(l locale.Language) terminal.Words { return terminal.ReadWords(wordsFile, l) }

// word is an enumeration's value as package locale says it.
func (k *call) word(kind, code string) string {
	if code == "" {
		return ""
	}
	return locale.Word(k.lang, kind, code)
}

// languageOf picks the language: that of the flag, else that of the environment.
func languageOf(flag string, getenv func(string) string) locale.Language {
	if flag == "" {
		return terminal.Language(getenv)
	}
	return locale.Match(flag + ", en;q=0.1")
}
