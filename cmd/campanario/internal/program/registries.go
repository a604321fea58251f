package program

import (
	"context"
	"path/filepath"

	"campanario/audience"
	"campanario/audience/registry"
)

// registriesFolder is where a node keeps the files of lists of who must not be contacted, below its data.
const registriesFolder = "registries"

// openRegistries makes what guards lists of who must not be contacted.
func (p *Program) openRegistries(country func(ctx context.Context, workspace string) (string, error)) {
	folder := filepath.Join(p.o.Data, registriesFolder)
	p.shelf = registry.NewShelf(registry.ShelfOptions{Folder: folder, Source: p.Store, Log: p.log})
	p.Registries = audience.NewRegistries(audience.RegistriesOptions{Store: p.Store, Shelf: p.shelf, Folder: folder, Country: country})
}

// openShelf begins to keep the files up to date.
func (p *Program) openShelf(ctx context.Context) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.shelf.Run(ctx)
	}()
	p.shelved = func() {
		cancel()
		<-done
	}
	return nil
}

// stopShelf ends that; campaigns of workspaces with lists are held back from then on.
func (p *Program) stopShelf() {
	if p.shelved != nil {
		p.shelved()
		p.shelved = nil
	}
}
