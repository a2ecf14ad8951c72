# make demo   the hello-world example, offline
# make test   every test
# make act    the workflow of examples/triage, as GitHub's runner would run it
# make engines  the sandboxes that are containers, in real engines
# make sdk    flue serve, and the client for Node that npm has
# make pictures  those of the README
# make ci     what must pass before a change lands

GO     ?= go
export CGO_ENABLED ?= 0
BUILD   = $(GO) build -trimpath -ldflags '-s -w'

.PHONY: demo build test act engines sdk pictures vet format ci bench lint fuzz generate generated clean

demo: build
	bin/flue run hello-world --dir examples/hello-world --ephemeral --payload '{"text":"Hello world","language":"French"}'

build:
	$(BUILD) -o bin/flue ./cmd/flue

test:
	$(GO) test -timeout 20m $(RACE) ./...

# act plays the runner on this machine, without containers. It is no part of the module: only this needs it.
act: bin/act
	FLUE_ACT=$(abspath bin/act) $(GO) test -count=1 -run 'TestAct$$' ./cmd/flue

bin/act:
	GOBIN=$(abspath bin) $(GO) install github.com/nektos/act@v0.2.89

# engines has the tests of containers use real servers of Docker and Podman, which it starts. It needs root, and a Debian with podman.
engines:
	.ci/engine podman $(GO) test -count=1 -timeout 5m -run 'Real|/real' ./sandbox/container
	.ci/engine docker $(GO) test -count=1 -timeout 5m -run 'Real|/real' ./sandbox/container

# sdk has published versions of @flue/sdk talk to flue serve. It needs Node and npm.
SDK_VERSIONS = 0.11.1 1.0.0-beta.9 2.0.3
sdk:
	npm install --silent --no-save --no-audit --no-fund --prefix bin/sdk $(foreach v,$(SDK_VERSIONS),sdk-$(v)@npm:@flue/sdk@$(v))
	FLUE_SDK=$(abspath bin/sdk/node_modules) $(GO) test -count=1 -run 'TestSDK$$' ./cmd/flue

# pictures makes those of the README. It needs Chromium, tmux and the font DejaVu Sans Mono.
pictures: build
	$(GO) run ./internal/pictures bin/flue docs/images

vet:
	$(GO) vet ./...

format:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; }

lint: build
	bin/flue lint --strict examples/*/

generate:
	$(GO) generate ./...

# What is generated must be what is committed.
generated: generate
	@test -z "$$(git status --porcelain -- docs)" || { echo "generated files are out of date, run make generate:"; git status --short -- docs; exit 1; }

# The race detector is the only thing that needs cgo, and with it a C compiler.
# What is long, or about processes, is left to the run without the detector.
ci: format vet
	CGO_ENABLED=1 $(MAKE) test RACE='-race -short'
	$(MAKE) test
	$(MAKE) lint generated demo

# The figures of docs/performance.md: those of the built program, of the packages, and of the sandbox beside just-bash and
# bash, for which it needs GNU's tools, jq, node and npm.
bench:
	$(GO) test -run '^$$' -bench Program -benchtime 30x ./cmd/flue
	$(GO) test -run '^$$' -bench Serve -benchtime 1x ./cmd/flue
	$(GO) test -run '^$$' -bench . -benchmem $$($(GO) list ./... | grep -v /cmd/)
	$(GO) run ./internal/shellbench

# Each fuzz target for a while.
FUZZTIME ?= 20s
fuzz:
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -h '^func Fuzz' $$p/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; \
		done; \
	done

clean:
	rm -rf bin dist
