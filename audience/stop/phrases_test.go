package stop_test

import (
	"os"
	"strings"
	"testing"

	"campanario/audience/stop"
)

// phrases are what people write and say, a line each: stop words, sentences that stop, and others. What comes after | is the
// language, where it can be told.
func phrases(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestPhrases(t *testing.T) {
	total := 0
	for name, class := range map[string]stop.Class{"words": stop.Word, "sentences": stop.Sentence} {
		for _, line := range phrases(t, name) {
			phrase, language, _ := strings.Cut(line, "|")
			total++
			got := stop.Recognise(phrase)
			if want := (stop.Verdict{Stop: true, Class: class, Language: language}); got != want {
				t.Errorf("%q: %+v, want %+v", phrase, got, want)
			}
		}
	}
	stops := total
	for _, phrase := range phrases(t, "others") {
		total++
		if got := stop.Recognise(phrase); got.Stop {
			t.Errorf("%q: %+v", phrase, got)
		}
	}
	if stops < 150 || total-stops < 150 {
		t.Errorf("%d phrases that stop, %d that do not", stops, total-stops)
	}
	t.Logf("%d phrases that stop, %d that do not", stops, total-stops)
}

func TestLongAndBroken(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, " \n\t ": false, "\xff\xfe": false, "par\xffar": false, "STOP\x00": true,
		strings.Repeat("a", 5000) + " parem de me ligar":            false, // beyond what is read
		strings.Repeat("bom dia. ", 400) + "\nparem de me ligar":    true,
		strings.Repeat("ã", 3000):                                   false,
		"SAIR\n> Oferta imperdível, responda SAIR para não receber": true,
		"> parem de me ligar\n> sair\nObrigada, recebi a proposta":  false,
	} {
		if got := stop.Recognise(text); got.Stop != want {
			t.Errorf("%.40q: %+v", text, got)
		}
	}
}

// FuzzRecognise: no text is too odd, and neither capitals nor signs around it change a verdict.
func FuzzRecognise(f *testing.F) {
	for _, name := range []string{"words", "sentences", "others"} {
		for _, line := range phrases(f, name) {
			f.Add(strings.Split(line, "|")[0])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := stop.Recognise(text)
		if got.Stop != (got.Class != "") || !got.Stop && got.Language != "" {
			t.Errorf("%q: %+v", text, got)
		}
		if len(text) < 1000 {
			if again := stop.Recognise("  \n" + text + " \n"); again != got {
				t.Errorf("%q: %+v, and between blanks %+v", text, got, again)
			}
		}
	})
}
