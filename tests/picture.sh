#!/usr/bin/env bash
# What the README's picture shows: a cluster joins, and what is seen then. In colour, as a terminal has it.
set -euo pipefail

# What is only said while waiting is drawn over on a terminal.
run() {
  printf '\033[1m$ %s\033[0m\n' "$*"
  "$@" --color always 2>&1 | grep -avE '^(proving|deploying|deleting) '
  echo
}

kubectl promfed hub init --quiet --context admin@hub --cluster-name hub --fqdn prometheus.hub.test >/dev/null
run kubectl promfed agent join --context admin@edge1 --hub-context admin@hub --cluster-name edge1
kubectl promfed agent join --quiet --context admin@edge2 --hub-context admin@hub --cluster-name edge2 \
  --package-version 2.53.4 >/dev/null
run kubectl promfed status --all-contexts
# kube-state-metrics is scraped once a minute.
counted() { kubectl promfed query --context admin@hub -o name 'count by (cluster) (kube_pod_info)' | wc -l; }
for _ in $(seq 90); do [ "$(counted)" -ge 3 ] && break; sleep 1; done
run kubectl promfed clusters --hub-context admin@hub
