# Everything that CI does can be done here. `make` lists the targets.

PROMETHEUS ?= $(CURDIR)/target/prometheus
SANDBOX = cargo run --quiet --locked -p promfed-sandbox --
# Scenarios wait for most of their time: more of them than cores.
TEST_THREADS ?= 4
CLUSTERS = --cluster hub=3.5 --cluster edge1=3.5 --cluster edge2=3.5

# How often the fuzzer runs each of its targets, and for how many seconds at most.
FUZZ_RUNS ?= 20000
FUZZ_SECONDS ?= 300
FUZZ_TARGETS = flags prometheus_config values
CARGO_FUZZ = PATH="$(CURDIR)/target/tools/bin:$$PATH" cargo fuzz

.PHONY: help build test fuzz e2e bench demo picture krew zip sandbox lint deny workflows sbom release prometheus victoria-metrics kubectl curl time

help:
	@echo 'make test      everything that is missing, then all tests; skips nothing'
	@echo 'make fuzz      arbitrary values, configurations and arguments through every edit; FUZZ_RUNS=1000000 for long'
	@echo 'make e2e       the same scenarios on real Kubernetes and kapp-controller; Linux, root, Go'
	@echo 'make bench     what the plugin costs beside stock kubectl, as counts and ratios; about six minutes'
	@echo 'make demo      a hub and two agents on this machine, from nothing to samples at the hub, then away again'
	@echo 'make picture   what the README shows of it, anew, as docs/demo.svg'
	@echo 'make krew      krew itself installs the plugin out of an archive as a release has it, and takes it away; Go'
	@echo 'make sandbox   the same three clusters, empty, until Ctrl-C; prints what to export'
	@echo 'make lint      formatting and lints'
	@echo 'make deny      licences, sources and versions of all dependencies, and advisories where those can be had'
	@echo 'make workflows what CI and the release run, looked at by zizmor and actionlint; Go'
	@echo 'make sbom      what the plugin is made of, in target/sbom.cdx.json'
	@echo 'make release   the plugin, built twice in two folders, to the same bytes'
	@echo 'make build     the plugin, in target/release'

build:
	cargo build --release --locked

# The real Prometheus, for the sandbox.
prometheus:
	tests/sandbox/get-prometheus.sh $(PROMETHEUS)

# The real VictoriaMetrics, which agents write to in place of a Prometheus.
victoria-metrics:
	tests/sandbox/get-victoria-metrics.sh target/victoria-metrics

# Stock kubectl, which the tests hold the sandbox and the plugin against.
kubectl:
	@command -v kubectl >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends kubernetes-client; }

# Stock curl: who has no certificate writes with it, or tries to.
curl:
	@command -v curl >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends curl; }

test: prometheus victoria-metrics kubectl
	PROMFED_PROMETHEUS=$(PROMETHEUS) PROMFED_SKIP=never RUST_TEST_THREADS=$(TEST_THREADS) \
	  cargo test --locked --workspace --exclude promfed-e2e

# The corpus and the seeds are where it begins; what it learns and what it finds stays under target/. Nothing here is
# unsafe, so no sanitizer is needed, and the stable toolchain will do.
fuzz:
	@command -v cargo-fuzz >/dev/null || [ -x target/tools/bin/cargo-fuzz ] || \
	  cargo install --quiet --locked --root target/tools cargo-fuzz
	@set -e; for target in $(FUZZ_TARGETS); do \
	  mkdir -p target/fuzz-corpus/$$target target/fuzz-artifacts/$$target; \
	  cp fuzz/seeds/$$target/* target/fuzz-corpus/$$target/; \
	  case $$target in \
	    values) cp tests/corpus/values/* target/fuzz-corpus/$$target/;; \
	    prometheus_config) cp tests/corpus/configs/* target/fuzz-corpus/$$target/;; \
	  esac; \
	  CARGO_TARGET_DIR=$(CURDIR)/target/fuzz $(CARGO_FUZZ) run --sanitizer none --target-dir target/fuzz $$target \
	    target/fuzz-corpus/$$target -- -runs=$(FUZZ_RUNS) -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=20 \
	    -artifact_prefix=$(CURDIR)/target/fuzz-artifacts/$$target/ -verbosity=0 -print_final_stats=1; \
	done

# What is about Prometheus alone, which both rigs run for real, prints times or gives little time, or needs a fault that
# only the sandbox's network has; and ports of pods, which the kubelet of the real clusters does not forward.
SANDBOX_ALONE = completion:: dashboards:: fleet:: rollout:: checking::capacity checking::delivery checking::flags checking::label checking::limits leaks losses \
  checking::package::a_crash_is_told_by \
  checking::refusals faults:: readme:: receivers:: checking::rounds checking::safety checking::time trust::a_hub_that_asks ui:: \
  watching::

# Real clusters in namespaces of this machine: run.sh makes them, and ends them whatever happens.
e2e: prometheus kubectl
	tests/e2e/get-parts.sh
	PROMFED_SKIP=never cargo test --locked -p promfed-e2e
	PROMFED_PROMETHEUS=$(PROMETHEUS) PROMFED_SKIP=never cargo test --locked --test scenarios \
	  --config 'target."cfg(unix)".runner = "$(CURDIR)/tests/e2e/run.sh"' -- --include-ignored \
	  --skip a_cluster_of_ones_own $(addprefix --skip ,$(SANDBOX_ALONE))

# GNU time, which tells the memory of another process.
time:
	@[ -x /usr/bin/time ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends time; }

# The plugin is built by itself: in one build with the sandbox it would get the features that only that one needs.
bench: prometheus kubectl time
	cargo build --quiet --release --locked
	cargo build --quiet --profile measure --locked -p promfed-bench
	PROMFED_PROMETHEUS=$(PROMETHEUS) target/measure/promfed-bench target/release/kubectl-promfed

demo: prometheus kubectl curl
	cargo build --quiet --locked --workspace --bins
	PATH="$(CURDIR)/target/debug:$$PATH" PROMFED_PROMETHEUS=$(PROMETHEUS) \
	  target/debug/promfed-sandbox run $(CLUSTERS) -- bash tests/demo.sh

picture: prometheus kubectl
	cargo build --quiet --locked --workspace --bins
	PATH="$(CURDIR)/target/debug:$$PATH" PROMFED_PROMETHEUS=$(PROMETHEUS) \
	  target/debug/promfed-sandbox run $(CLUSTERS) -- bash tests/picture.sh >target/demo.txt
	target/debug/promfed-picture <target/demo.txt >docs/demo.svg

# The archive for Windows is a zip.
zip:
	@command -v zip >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends zip; }

krew: kubectl zip
	cargo build --quiet --locked
	krew/try.sh target/debug/kubectl-promfed

sandbox: prometheus
	cargo build --quiet --locked --workspace --bins
	@echo 'export PATH="$(CURDIR)/target/debug:$$PATH"'
	@PROMFED_PROMETHEUS=$(PROMETHEUS) exec target/debug/promfed-sandbox up $(CLUSTERS)

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --locked -- -D warnings

SUPPLY = PATH="$(CURDIR)/target/supply/bin:$$PATH"

# The database of advisories is a git repository. Where it cannot be had that is said, and with PROMFED_SKIP=never it is
# a failure.
deny:
	@release/get-tools.sh target/supply
	@$(SUPPLY) cargo deny --locked check licenses bans sources
	@if $(SUPPLY) cargo deny --locked fetch db 2>target/supply/fetch.log; then \
	  $(SUPPLY) cargo deny --locked check advisories; \
	elif [ "$$PROMFED_SKIP" = never ]; then cat target/supply/fetch.log >&2; exit 1; \
	else echo 'SKIPPED: advisories (their database cannot be had here)'; fi

workflows:
	@release/get-tools.sh target/supply
	@$(SUPPLY) zizmor --quiet --offline .github
	@[ -x target/supply/bin/actionlint ] || \
	  GOBIN=$(CURDIR)/target/supply/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@$(SUPPLY) actionlint

# Writes a file into every crate of the workspace; the plugin's is the one that matters.
sbom:
	@command -v cargo-cyclonedx >/dev/null || [ -x target/tools/bin/cargo-cyclonedx ] || \
	  cargo install --quiet --locked --root target/tools cargo-cyclonedx@0.5.9
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) PATH="$(CURDIR)/target/tools/bin:$$PATH" cargo cyclonedx --quiet \
	  --format json --spec-version 1.5 --target all --no-build-deps --override-filename sbom.cdx
	@mkdir -p target
	@sed "s|path+file://$(CURDIR)|path+file:///promfed|g" sbom.cdx.json >target/sbom.cdx.json
	@rm -f sbom.cdx.json tests/*/sbom.cdx.json

release:
	release/twice.sh
