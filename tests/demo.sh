#!/usr/bin/env bash
# From three empty clusters to one Prometheus. Each command is printed before its output.
set -euo pipefail

run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

run kubectl promfed hub init --context admin@hub --cluster-name hub --fqdn prometheus.hub.test
run kubectl promfed agent join --context admin@edge1 --hub-context admin@hub --cluster-name edge1 --package-version 2.53.4
run kubectl promfed agent join --context admin@edge2 --hub-context admin@hub --cluster-name edge2
run kubectl promfed hub credentials list --context admin@hub

printf '\n# who has no certificate does not write: neither at the name for everybody, nor at the one for agents\n'
authority=$(mktemp)
trap 'rm -f "$authority"' EXIT
kubectl get secret prometheus-tls --context admin@hub -n tanzu-system-monitoring \
  -o 'go-template={{index .data "ca.crt" | base64decode}}' >"$authority"
write() { curl --silent --show-error --cacert "$authority" --data x --write-out '%{http_code}\n' "$1"; }
run write https://prometheus.hub.test/api/v1/write | tee /dev/stderr | grep -qx 403
if run write https://prometheus-write.hub.test/api/v1/write 2>&1; then echo 'it took that' >&2 && exit 1; fi

run kubectl promfed status --all-contexts
# kube-state-metrics is scraped once a minute: the pods of the last cluster take that long to be counted.
counted() { kubectl promfed query --context admin@hub -o name 'count by (cluster) (kube_pod_info)' | wc -l; }
printf '\n# waiting until kube-state-metrics of every cluster was scraped\n'
for _ in $(seq 90); do [ "$(counted)" -ge 3 ] && break; sleep 1; done

run kubectl promfed clusters --hub-context admin@hub -o wide
run kubectl promfed flags --contexts admin@hub,admin@edge1
