#!/usr/bin/env bash
# Puts the real Prometheus where the sandbox looks for it: one folder for each version below the folder given
# (target/prometheus by default). Nothing is installed, and root is not needed: Debian's packages are downloaded with
# the machine's own sources, for the releases that carry a Prometheus with Kubernetes discovery, and unpacked.
#
# Where there is no Debian, or no network, the sandbox uses `prometheus` on PATH.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
into=${1:-target/prometheus}
mkdir -p "$into"
into=$(cd "$into" && pwd)

# The newest 2.x and the newest 3.x that Debian has. The newest brings promtool, which tests the alert rules.
releases=(trixie sid)
newest=sid

have() { command -v "$1" >/dev/null 2>&1; }

unpacked() { # of a release: the binary, once it is there
  find "$into" -maxdepth 2 -path "*/.of-$1" -print -quit
}

if ! have apt-get || ! have dpkg; then
  echo "get-prometheus: no apt here; the sandbox takes prometheus from PATH" >&2
  exit 0
fi

is_there() { # a release, with all that is wanted of it
  local mark
  mark=$(unpacked "$1")
  [ -n "$mark" ] && { [ "$1" != "$newest" ] || [ -x "${mark%/*}/promtool" ]; }
}

for release in "${releases[@]}"; do
  is_there "$release" && continue
  work=$(mktemp -d "$into/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  packages=(prometheus)
  [ "$release" = "$newest" ] && packages+=(promtool)
  "$here/from-debian.sh" "$release" "$work/x" "${packages[@]}"
  version=$("$work/x/usr/bin/prometheus" --version 2>&1 | sed -nE 's/^prometheus, version ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p')
  [ -n "$version" ] || { echo "get-prometheus: the Prometheus of $release does not run here" >&2; exit 1; }
  mkdir -p "$into/$version"
  for package in "${packages[@]}"; do mv "$work/x/usr/bin/$package" "$into/$version/$package"; done
  touch "$into/$version/.of-$release"
  rm -rf "$work"
  trap - EXIT
  echo "get-prometheus: $version"
done
