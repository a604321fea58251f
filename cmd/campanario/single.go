package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"campanario/cmd/campanario/internal/single"
	"campanario/internal/fault"
	"campanario/report"
)

// single runs one campaign.
func (a *app) single() *cobra.Command {
	var o single.Options
	var l logs
	var form, mix, log, delimiter string
	var coded bool
	c := a.command("run", func(c *cobra.Command) error {
		for name, value := range map[string]string{"campaign": o.Campaign, "contacts": o.Contacts} {
			if value == "" {
				return fault.New(fault.Invalid, "required", nil).At("--" + name)
			}
		}
		if err := checkSandbox(&o.Sandbox, mix); err != nil {
			return err
		}
		var err error
		if o.Form, err = a.reportForm(form, delimiter, coded); err != nil {
			return err
		}
		o.Program.Log = slog.New(slog.DiscardHandler)
		if log != "" {
			f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return fault.New(fault.Invalid, "file_unwritable", fault.Params{"path": log}).Because(err)
			}
			defer f.Close() //nolint:errcheck // a log
			if o.Program.Log, err = l.logger(f); err != nil {
				return err
			}
		}
		o.SandboxDatabase = filepath.Join(o.Program.Data, "sandbox.db")
		o.Env, o.Words, o.Out, o.Err = a.lookup, a.words, a.out, a.err
		o.Width, o.Live = width(a.err)
		return single.Run(c.Context(), o)
	})
	a.text(c, &o.Campaign, "campaign", "")
	a.text(c, &o.Contacts, "contacts", "")
	a.text(c, &o.Report, "report", "")
	a.text(c, &form, "report-form", string(report.PerRecipient))
	a.yes(c, &coded, "report-codes", false)
	a.text(c, &delimiter, "delimiter", ",")
	a.text(c, &o.Rejected, "rejected", "")
	a.text(c, &o.Key, "campaign-key", "")
	a.place(c, &o.Program)
	a.network(c, &o.Program)
	a.length(c, &o.Patience, "drain", 30*time.Second)
	a.length(c, &o.Every, "every", 10*time.Second)
	a.sandboxFlags(c, &o.Sandbox, &mix)
	a.text(c, &log, "log", "")
	a.logs(c, &l)
	return c
}

// reportForm is what the flags say of the report.
func (a *app) reportForm(form, delimiter string, coded bool) (report.Options, error) {
	o := report.Options{Form: report.Form(form), Mark: !coded}
	if !coded {
		o.Words = report.In(a.lang)
	}
	switch delimiter {
	case ",", ";", "|", "\t":
		o.Delimiter = rune(delimiter[0])
	case "tab":
		o.Delimiter = '\t'
	default:
		return o, notOneOf("delimiter", delimiter, ", ; | tab")
	}
	if o.Form != report.PerRecipient && o.Form != report.PerAttempt {
		return o, notOneOf("report-form", form, "recipients, attempts")
	}
	return o, nil
}
