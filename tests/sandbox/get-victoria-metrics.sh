#!/usr/bin/env bash
# Puts the real VictoriaMetrics where the scenarios about other hubs than Prometheus look for it: the folder given
# (target/victoria-metrics by default). It comes out of the package of the one Debian release that has it as a single
# node; nothing is installed, so no service runs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
into=${1:-target/victoria-metrics}

[ -x "$into/victoria-metrics" ] && exit 0
have() { command -v "$1" >/dev/null 2>&1; }
if ! have apt-get || ! have dpkg; then
  echo "get-victoria-metrics: no apt here; the scenarios take victoria-metrics from PATH" >&2
  exit 0
fi
mkdir -p "$into"
work=$(mktemp -d "$into/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$here/from-debian.sh" bookworm "$work" victoria-metrics
"$work/usr/bin/victoria-metrics" -version >/dev/null ||
  { echo "get-victoria-metrics: it does not run here" >&2; exit 1; }
mv "$work/usr/bin/victoria-metrics" "$into/victoria-metrics"
echo "get-victoria-metrics: unpacked"
