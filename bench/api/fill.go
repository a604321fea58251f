package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"campanario/agent"
	"campanario/campaign"
	"campanario/channel"
	"campanario/intake"
	"campanario/internal/rig"
)

const campaignID = "01930000-0000-7000-8000-000000000000"

// fill brings the contacts in from a file, enrols as many recipients with the same mailboxes, and lets the engine go
// through most of them on a channel that answers at once.
func fill(ctx context.Context, c config, r *rig.Rig, v *rig.Served) error {
	if err := bring(ctx, r, v, &file{left: c.people}); err != nil {
		return err
	}
	if err := r.Line(ctx, channel.Line{Kind: channel.Email, From: "bench@example.com"}); err != nil {
		return err
	}
	d := campaign.Definition{
		Name: "Cobrança", Channel: channel.Email, Message: &agent.MessageTemplate{Subject: "Oi, {{first_name}}", Text: "Sua fatura de {{valor}} venceu."},
	}.Defaults()
	err := r.Campaign(ctx, campaignID, d, c.people, func(i int) campaign.Newcomer {
		n := campaign.Newcomer{Band: campaign.Band(i % int(campaign.Bands))}
		n.Name, n.ExternalID = name(i), fmt.Sprintf("C%d", i)
		n.Addresses = []channel.Address{channel.Address(mailbox(i))}
		n.Variables = map[string]string{"valor": "R$ 120,00"}
		return n
	})
	if err != nil {
		return err
	}
	r.Options.Adapters = map[channel.Kind]channel.Adapter{channel.Email: noop{}}
	if err := r.Start(ctx); err != nil {
		return err
	}
	if _, err := r.Service.Start(ctx, rig.Workspace, campaignID); err != nil {
		return err
	}
	return errors.Join(settled(ctx, r, int64(c.people)*7/10), r.Shut(ctx))
}

// settled waits until so many have been tried, and pauses the campaign.
func settled(ctx context.Context, r *rig.Rig, n int64) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		counts, err := r.Service.CountsOf(ctx, rig.Workspace, []string{campaignID})
		if err != nil {
			return err
		}
		if counts[campaignID].Attempts >= n {
			_, err := r.Service.Pause(ctx, rig.Workspace, campaignID)
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// names make people of whom several have the same name, and few all of it.
var (
	firsts = []string{"Ana", "João", "Maria", "José", "Beatriz", "Carlos", "Fernanda", "Paulo", "Luiza", "Rafael", "Júlia", "Marcos"}
	lasts  = []string{"Souza", "Silva", "Lima", "Alves", "Pereira", "Costa", "Ribeiro", "Gomes", "Martins", "Rocha", "Araújo"}
	cities = []string{"Recife;PE", "São Paulo;SP", "Olinda;PE", "Fortaleza;CE", "Curitiba;PR", "Manaus;AM", "Salvador;BA"}
)

func name(i int) string {
	return fmt.Sprintf("%s %s %d", firsts[i%len(firsts)], lasts[i/len(firsts)%len(lasts)], i)
}

func mailbox(i int) string { return fmt.Sprintf("p%d@example.com", i) }

// file is a CSV of people that is made while it is read.
type file struct {
	left, made int
	row        []byte
}

func (f *file) Read(p []byte) (int, error) {
	if len(f.row) == 0 {
		switch i := f.made - 1; {
		case f.made == 0:
			f.row = append(f.row[:0], "nome;telefone;email;codigo;cidade;uf;etiquetas\n"...)
		case f.left == 0:
			return 0, io.EOF
		default:
			f.left--
			f.row = fmt.Appendf(f.row[:0], "%s;(%d) 9%04d-%04d;%s;C%d;%s;t%d\n", name(i), 11+i/100_000_000, i/10_000%10_000, i%10_000, mailbox(i), i, cities[i%len(cities)], i%20)
		}
		f.made++
	}
	n := copy(p, f.row)
	f.row = f.row[n:]
	return n, nil
}

// bring imports a file.
func bring(ctx context.Context, r *rig.Rig, v *rig.Served, from io.Reader) error {
	x, err := v.Imports.Open(ctx, rig.Workspace, "bench", "clientes.csv", from)
	if err == nil {
		x, err = v.Imports.Commit(ctx, rig.Workspace, x.ID)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	worker := intake.NewWorker(intake.WorkerOptions{Store: r.Store, Node: 1, Poll: 10 * time.Millisecond})
	go func() { defer close(done); worker.Run(ctx) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for x.State.Works() && err == nil {
		<-tick.C
		x, err = v.Imports.Get(ctx, rig.Workspace, x.ID)
	}
	cancel()
	<-done
	if err == nil && x.State != intake.StateDone {
		err = fmt.Errorf("the import is %s: %+v", x.State, x.Counts)
	}
	return err
}

// noop is a channel that answers at once: a quarter is not reached, and waits for another attempt.
type noop struct{}

func (noop) Place(_ context.Context, o channel.Order, r channel.Reporter) (string, error) {
	code := channel.Sent
	if rand.IntN(4) == 0 {
		code = channel.Deferred
	}
	r.Close(channel.Outcome{Code: code, At: time.Now(), ProviderCode: "250"})
	return "", nil
}
