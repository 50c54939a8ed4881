#!/usr/bin/env bash
# Builds the plugin twice, from two clones in two folders, and compares the bytes:
#
#   release/twice.sh [TARGET]
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for copy in one another/place; do
  git clone --quiet --no-hardlinks "$root" "$work/$copy"
  (unset CARGO_TARGET_DIR && "$work/$copy/release/build.sh" "$target" "$work/built/$copy")
done
sha256sum "$work/built/one" "$work/built/another/place"
cmp "$work/built/one" "$work/built/another/place"
if grep -aqF -e "$work" -e "$HOME" "$work/built/one"; then
  echo "release: a path of this machine is in the binary" >&2
  exit 1
fi
echo "release: the same bytes from two folders"
