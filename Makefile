# Campanário. `make` alone prints what there is. Needs Go, and Debian's apt-get for what tests use besides.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export GOFLAGS := -mod=readonly

LINT := go tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 30s
SEED ?=
ARGS ?=

##@ Use

.PHONY: run
run: build ## Build everything and start it, on a database and a telephone carrier of its own
	@tools/needs run || echo "Without eSpeak NG agents hum instead of speaking."
	bin/campanario serve $(ARGS)

.PHONY: build
build: console ## Build bin/campanario, with its console where there is Node
	go build -trimpath -o bin/campanario ./cmd/campanario

.PHONY: console
console: ## Build the web console alone, where there is Node
	@tools/console build

##@ Tests

.PHONY: test
test: ## Install what tests need where it is missing, and run all of them
	tools/check

.PHONY: quick
quick: ## The tests that need no other program, without the race detector: a minute
	go test . ./access ./agent ./campaign ./channel ./cluster ./dispatch ./intake ./report ./schedule ./voice/sdp ./voice/media

.PHONY: sim
sim: ## The engine through days of chaos; SEED=7 takes other chances
	CAMPANARIO_SIM_SEED=$(SEED) go test -count=1 -v -timeout 30m -run '^TestInvariantsHold' ./internal/sim

.PHONY: screenshots
screenshots: build ## Every screen of the console as a picture, in the folder screenshots
	cd console/app && npx playwright test --project screenshots

.PHONY: fuzz
fuzz: ## Every fuzz test for FUZZTIME (30s)
	tools/fuzz $(FUZZTIME)

.PHONY: lint
lint: ## The linters alone
	$(LINT) run ./...

.PHONY: format
format: ## Format the source
	$(LINT) fmt ./...

.PHONY: generate
generate: ## Write docs/campaign.schema.json and docs/api/openapi.json anew
	go build -trimpath -o bin/campanario ./cmd/campanario
	bin/campanario schema > bin/schema.json && mv bin/schema.json docs/campaign.schema.json
	go test -count=1 -run OpenAPI ./api -update

##@ Figures (docs/benchmarks.md says what each measures)

.PHONY: bench-engine
bench-engine: ## Attempts a second with durable records; ARGS="-recipients 5000000 -campaigns 200"
	go run ./bench/engine $(ARGS)

.PHONY: bench-mail
bench-mail: ## E-mails a second beside the bare mail client
	go run ./bench/mail $(ARGS)

.PHONY: bench-setup
bench-setup: ## Calls set up a second beside SIPp
	go run ./bench/setup $(ARGS)

.PHONY: bench-media
bench-media: ## Answered calls with sound on one core beside bare sockets
	go run ./bench/media $(ARGS)

.PHONY: bench-first
bench-first: ## From the start of a campaign to its first contact, with a million recipients
	go run ./bench/first $(ARGS)

.PHONY: bench-contacts
bench-contacts: ## Contacts imported a second beside bare rows, and how soon a filter is counted
	go run ./bench/contacts $(ARGS)

.PHONY: bench-suppression
bench-suppression: ## Lists of who must not be contacted: making one of 100 million numbers, and looking people up
	go run ./bench/suppression $(ARGS)

.PHONY: bench-api
bench-api: ## Reads of the API that the console asks for, over a million contacts and recipients
	go run ./bench/api $(ARGS)

.PHONY: bench-viewers
bench-viewers: ## What 300 people cost who watch one campaign
	go run ./bench/viewers $(ARGS)

##@ Other

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin console/site/dist console/app/node_modules

.PHONY: help
help: ## Print this
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
