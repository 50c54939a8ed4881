# Everything that CI does can be done here. `make` lists the targets.

PROMETHEUS ?= $(CURDIR)/target/prometheus
SANDBOX = cargo run --quiet --locked -p promfed-sandbox --
CLUSTERS = --cluster hub=3.5 --cluster edge1=3.5 --cluster edge2=3.5

.PHONY: help build test e2e demo sandbox lint prometheus kubectl

help:
	@echo 'make test      everything that is missing, then all tests; skips nothing'
	@echo 'make e2e       the same scenarios on real Kubernetes and kapp-controller; Linux, root, Go'
	@echo 'make demo      a hub and two agents on this machine, from nothing to samples at the hub, then away again'
	@echo 'make sandbox   the same three clusters, empty, until Ctrl-C; prints what to export'
	@echo 'make lint      formatting and lints'
	@echo 'make build     the plugin, in target/release'

build:
	cargo build --release --locked

# The real Prometheus, for the sandbox.
prometheus:
	tests/sandbox/get-prometheus.sh $(PROMETHEUS)

# Stock kubectl, which the tests hold the sandbox and the plugin against.
kubectl:
	@command -v kubectl >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends kubernetes-client; }

test: prometheus kubectl
	PROMFED_PROMETHEUS=$(PROMETHEUS) PROMFED_SKIP=never cargo test --locked --workspace --exclude promfed-e2e

# Real clusters in namespaces of this machine: run.sh makes them, and ends them whatever happens.
e2e: prometheus kubectl
	tests/e2e/get-parts.sh
	PROMFED_SKIP=never cargo test --locked -p promfed-e2e
	PROMFED_PROMETHEUS=$(PROMETHEUS) PROMFED_SKIP=never cargo test --locked --test scenarios \
	  --config 'target."cfg(unix)".runner = "$(CURDIR)/tests/e2e/run.sh"' -- --include-ignored --skip a_cluster_of_ones_own

demo: prometheus kubectl
	cargo build --quiet --locked --workspace --bins
	PATH="$(CURDIR)/target/debug:$$PATH" PROMFED_PROMETHEUS=$(PROMETHEUS) \
	  target/debug/promfed-sandbox run $(CLUSTERS) -- bash tests/demo.sh

sandbox: prometheus
	cargo build --quiet --locked --workspace --bins
	@echo 'export PATH="$(CURDIR)/target/debug:$$PATH"'
	@PROMFED_PROMETHEUS=$(PROMETHEUS) exec target/debug/promfed-sandbox up $(CLUSTERS)

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
