package status_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"campanario/access"
	"campanario/campaign"
	"campanario/channel"
	"campanario/cmd/campanario/internal/status"
	"campanario/internal/fault"
)

// good is the key that opens the page.
const good = "cmp_good"

type doors struct{}

func (doors) Authenticate(_ context.Context, token string) (access.Principal, error) {
	if token != good {
		return access.Principal{}, fault.New(fault.Denied, "key_invalid", nil)
	}
	return access.Principal{Workspace: "w", Scopes: access.Scopes{access.Read}}, nil
}

func (doors) Workspace(context.Context, string) (access.Workspace, error) {
	return access.Workspace{ID: "w", Name: "Clínica <Sol>", Settings: access.Settings{Zone: "America/Sao_Paulo"}}, nil
}

var noon = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// campaigns are one that runs and one that is paused.
type campaigns struct{ err error }

func (c campaigns) List(context.Context, string, campaign.Query) ([]*campaign.Campaign, error) {
	return []*campaign.Campaign{
		{ID: "a", Workspace: "w", State: campaign.Active, Definition: campaign.Definition{Name: `Cobrança <script>alert(1)</script>`, Channel: channel.Voice, Goal: "g", Zone: "America/Sao_Paulo"}},
		{ID: "b", Workspace: "w", State: campaign.Paused, Definition: campaign.Definition{Name: "Convite", Channel: channel.Email}},
	}, c.err
}

func (campaigns) Summary(context.Context, string) (campaign.Summary, error) {
	return campaign.Summary{Total: 2, Active: 1, Success: 0.5}, nil
}

func (campaigns) CountsOf(context.Context, string, []string) (map[string]campaign.Counts, error) {
	return map[string]campaign.Counts{"a": {
		Total: 1200, InFlight: 1, Attempts: 600, ByCode: map[channel.Code]int64{channel.Completed: 300, channel.Busy: 300}, Goals: 30,
		ByStatus: map[campaign.Status]int64{campaign.StatusPending: 599, campaign.StatusInProgress: 1, campaign.StatusCompleted: 300, campaign.StatusBusy: 300},
	}}, nil
}

func (campaigns) Diagnose(_ context.Context, _, id string) (campaign.Diagnosis, error) {
	if id == "b" {
		return campaign.Diagnosis{Code: campaign.DiagPaused, State: campaign.Paused, Paused: campaign.ScheduleEnded}, nil
	}
	return campaign.Diagnosis{Code: campaign.DiagWaiting, Waiting: &campaign.Waiting{Code: campaign.WaitPace}, InFlight: 1}, nil
}

func (campaigns) Flights(context.Context, string, string) ([]campaign.Flight, error) {
	return []campaign.Flight{{Number: 1, Stage: channel.StageAnswered, PlacedAt: noon.Add(-7 * time.Second)}}, nil
}

func (campaigns) Attempts(context.Context, string, string, campaign.AttemptQuery) ([]campaign.Attempt, error) {
	return []campaign.Attempt{{Number: 2, Outcome: channel.Outcome{Code: channel.Busy, At: noon.Add(-time.Minute)}}}, nil
}

func (campaigns) Entry(_ context.Context, _, _ string, n campaign.Number) (campaign.Entry, error) {
	names := map[campaign.Number]string{1: "Ana Beatriz Souza", 2: ""}
	return campaign.Entry{Recipient: campaign.Recipient{Number: n, Name: names[n]}}, nil
}

func get(t *testing.T, c campaigns, key, language string) (got *httptest.ResponseRecorder, body string) {
	t.Helper()
	page := status.New(status.Options{Access: doors{}, Campaigns: c, Now: func() time.Time { return noon }})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", language)
	if key != "" {
		r.SetBasicAuth("anybody", key)
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	return w, w.Body.String()
}

func TestThePageShowsCampaignsAndPeople(t *testing.T) {
	res, body := get(t, campaigns{}, good, "pt-BR")
	if res.Code != http.StatusOK {
		t.Fatalf("status %d", res.Code)
	}
	for what, want := range map[string]string{
		"workspace, escaped": "Clínica &lt;Sol&gt;", "name, escaped": "Cobrança &lt;script&gt;", "progress": "<strong>50 %</strong> 600 de 1.200 resolvidos",
		"bar":                        `<rect class="completed" x="0" width="250" height="12"/><rect class="busy" x="250" width="250" height="12"/>`,
		"who is open, by first name": "<span>Ana S.</span>", "since when": "<time>7 s</time>", "who has just been": "<span>sem nome</span><em>Ocupado</em><time>11:59:00</time>",
		"why it is paused": `<p class="why">`, "goal": "</dt><dd>10 %</dd>", "time": "atualizado às 12:00:00", "refresh": `http-equiv="refresh"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s: no %q", what, want)
		}
	}
	for _, bad := range []string{"<script", "Beatriz", "Souza"} {
		if strings.Contains(body, bad) {
			t.Errorf("%q is on the page", bad)
		}
	}
	if n := strings.Count(body, `class="why"`); n != 1 {
		t.Errorf("%d explanations: waiting for one's turn needs none", n)
	}
}

func TestThePageSaysHowToSignIn(t *testing.T) {
	for language, want := range map[string]string{"pt-BR": "Senha", "es": "Contraseña", "en": "Password"} {
		for _, key := range []string{"", "cmp_wrong"} {
			res, body := get(t, campaigns{}, key, language)
			if res.Code != http.StatusUnauthorized || !strings.Contains(res.Header().Get("WWW-Authenticate"), "API key as the password") {
				t.Errorf("key %q: %d, %q", key, res.Code, res.Header().Get("WWW-Authenticate"))
			}
			if !strings.Contains(body, want) || strings.Contains(body, "Cobrança") || strings.Contains(body, "refresh") {
				t.Errorf("%s: the door says\n%s", language, body)
			}
		}
	}
}

func TestThePageOutlivesTheDatabase(t *testing.T) {
	res, body := get(t, campaigns{err: fault.New(fault.Unavailable, "database_unavailable", nil)}, good, "en")
	if res.Code != http.StatusServiceUnavailable || !strings.Contains(body, "tries again by itself") || !strings.Contains(body, `http-equiv="refresh"`) {
		t.Errorf("%d\n%s", res.Code, body)
	}
}

func TestThePageRunsNothing(t *testing.T) {
	res, _ := get(t, campaigns{}, good, "en")
	policy := res.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
	if res.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("names and numbers may be kept: %v", res.Header())
	}
}

func TestTheWordsAreThereInEveryLanguage(t *testing.T) {
	text, err := os.ReadFile("words.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, file := range []string{"page.html", "view.go", "people.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Words(?:\.|\[")([a-z_]+)`).FindAllStringSubmatch(string(source), -1) {
			used = append(used, m[1])
		}
	}
	slices.Sort(used)
	used = slices.Compact(used)
	for _, language := range []string{"pt-BR", "es", "en"} {
		if have := slices.Sorted(maps.Keys(all[language])); !slices.Equal(have, used) {
			t.Errorf("%s has %v, the page uses %v", language, have, used)
		}
	}
}
