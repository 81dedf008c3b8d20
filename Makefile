# `make help` lists the targets. Nothing here needs a terminal.

BIN       := bin/vexdesk
TOOLS     := $(CURDIR)/.tools/bin
LINT      := '$(TOOLS)/golangci-lint'
LINT_VER  := 2.15.0
VERSION   := $(shell git describe --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X example.com/vexdesk/cli.version=$(VERSION)

# The race detector is the only thing that needs CGO and a C compiler.
# `make test RACE=` leaves it out.
RACE      := -race
# SQLite itself, translated from C, is left uninstrumented: it is not ours to
# check, and with it the tests take six times as long. Our code is checked.
NORACE    := $(if $(RACE),-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false)
TIMEOUT   := 9m

.DEFAULT_GOAL := build
.NOTPARALLEL:
.PHONY: build test fmt fmt-check vet lint linter rules tmux compiler bench soak cover screenshots demo clean help

build: ## build ./bin/vexdesk, one static binary
	@mkdir -p $(dir $(BIN))
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BIN) .

test: compiler fmt-check vet lint rules tmux ## everything that must hold before a commit is pushed
	@echo '== tests of the picture renderer'
	@cd screenshots && go test ./...
	@echo '== tests$(if $(RACE), under the race detector)'
	@CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) $(NORACE) -timeout $(TIMEOUT) ./... || { echo; echo 'make test: FAILED, see the FAIL lines above'; exit 1; }
	@echo; echo 'make test: passed (format, vet, lint, import rules, tests$(if $(RACE), with race detector,; the race detector was left out))'

fmt: ## format every Go file
	@gofmt -w .

fmt-check:
	@echo '== format'
	@bad=$$(gofmt -l .) && [ -z "$$bad" ] || { echo "not formatted, run 'make fmt':"; echo "$$bad"; exit 1; }

vet:
	@echo '== vet'
	@go vet ./...
	@cd screenshots && go vet ./...

lint: linter ## golangci-lint, pinned
	@echo '== lint'
	@$(LINT) run ./...
	@cd screenshots && $(LINT) run ./...

# Fetched and built once; again when the pinned version moves.
linter:
	@$(LINT) version 2>/dev/null | grep -qF 'version $(LINT_VER) ' || { \
		echo '== building golangci-lint $(LINT_VER) (once, some minutes)'; \
		GOBIN='$(TOOLS)' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(LINT_VER); }

# -count=1: the test asks the go command about the tree, which the test cache cannot see.
rules: ## the rules of the house: who imports whom, what lies where
	@echo '== import rules'
	@go test -count=1 -run '^TestHouse' .

# At a desk the tests go on without tmux and say which were left out.
tmux:
	@tools/install-tmux.sh || [ -z "$$CI" ]

compiler:
	@cc=$$(go env CC); [ -z '$(RACE)' ] || command -v "$${cc%% *}" >/dev/null 2>&1 || { \
		echo '********************************************************************************'; \
		echo 'NO C COMPILER. The race detector needs one (the program itself does not).'; \
		echo "Install gcc or clang, or run 'make test RACE=' to test without the detector."; \
		echo '********************************************************************************'; \
		exit 1; } >&2

bench: build ## measure: Go benchmarks, then the program beside its peers
	go test -run '^$$' -bench . -benchmem -timeout 30m ./...
ifneq ($(wildcard tools/bench/*.go),)
	go run ./tools/bench
endif

soak: ## the long runs: hundreds of kills, large stores
	go test -run Soak -tags soak -timeout 0 -v ./...

cover: ## coverage by function, total last
	go test -coverprofile cover.out -coverpkg ./... ./...
	@go tool cover -func cover.out | tail -n 1

screenshots: build tmux ## pictures of the running program, into screenshots/
	cd screenshots && go run ./shoot
	@screenshots/report.sh $(BIN)

demo: build ## a sample workspace, a simulated Jira, and the console on both
	./$(BIN) demo $(ARGS)

clean: ## remove what was built
	rm -rf bin cover.out

help:
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14
