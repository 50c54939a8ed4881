#!/usr/bin/env bash
# krew itself installs the plugin from an archive as a release has it, and takes it away again:
#
#   krew/try.sh PLUGIN
#
# Everything happens below target/krew and in a folder that is gone afterwards. Nothing is asked of a network but Go's
# module proxy, for krew itself.
set -euo pipefail

plugin=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
tools=$root/target/krew
stamp=$(cat "$here/tools/go.mod" "$here/tools/go.sum" | sha256sum)
if [ "$(cat "$tools/.stamp" 2>/dev/null)" != "$stamp" ]; then
  (cd "$here/tools" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$tools/" tool)
  printf '%s' "$stamp" >"$tools/.stamp"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The others are packed too, but krew unpacks only what is for this machine: a file with a line will do.
case $(uname -m) in x86_64) own=linux-amd64 ;; *) own=linux-arm64 ;; esac
for platform in linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64; do
  mkdir -p "$work/binaries/$platform"
  case $platform in
  "$own") strip -o "$work/binaries/$platform/kubectl-promfed" "$plugin" ;;
  windows-*) echo "$platform" >"$work/binaries/$platform/kubectl-promfed.exe" ;;
  *) echo "$platform" >"$work/binaries/$platform/kubectl-promfed" ;;
  esac
done
version=v$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
"$root/release/pack.sh" "$version" "$work/binaries" "$work/dist"

# Whoever asks for something else than this machine is told that nobody is there.
export HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 KREW_NO_UPGRADE_CHECK=1
export HOME=$work/home KREW_ROOT=$work/krew
export PATH=$KREW_ROOT/bin:$PATH
mkdir -p "$HOME"
# krew lists and takes away only where it has an index: this one is empty.
git init --quiet "$KREW_ROOT/index/default"

run() {
  printf '\n$ %s\n' "${*//$work/…}"
  timeout 60 "$@" </dev/null
}
manifest=$work/dist/promfed.yaml
run "$tools/validate-krew-manifest" -manifest "$manifest" -skip-install
run "$tools/krew" install "--manifest=$manifest" "--archive=$work/dist/kubectl-promfed-$version-$own.tar.gz"
run kubectl plugin list
run kubectl promfed version --client
[ -s "$KREW_ROOT/store/promfed/$version/man/kubectl-promfed-agent-join.1" ]
run "$tools/krew" list
run "$tools/krew" uninstall promfed
if [ -e "$KREW_ROOT/bin/kubectl-promfed" ] || [ -e "$KREW_ROOT/store/promfed" ]; then
  echo 'krew: something is left of it' >&2
  exit 1
fi
