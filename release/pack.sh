#!/usr/bin/env bash
# Everything that a release has, out of the binaries:
#
#   release/pack.sh VERSION BINARIES INTO
#
# BINARIES has a folder for each platform (linux-amd64, …) with the plugin in it; that of this machine's platform is run.
# INTO gets an archive for each with the licence and the pages for man beside the plugin, the manifest for krew with
# their checksums, and SHA256SUMS over all that is in it by then.
set -euo pipefail

version=$1
binaries=$(cd "$2" && pwd)
mkdir -p "$3"
into=$(cd "$3" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
epoch=$(git -C "$root" log -1 --format=%ct)
export TZ=UTC

grep -qxF "version = \"${version#v}\"" "$root/Cargo.toml" || {
  echo "release: $version is not the version of Cargo.toml" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The pages are the same for all platforms.
case $(uname -m) in x86_64) own=linux-amd64 ;; *) own=linux-arm64 ;; esac
install -m 755 "$binaries/$own/kubectl-promfed" "$work/own"
"$work/own" man "$work/man" >/dev/null
chmod -R u=rwX,go=rX "$work/man"
find "$work/man" -exec touch -d "@$epoch" {} +
for folder in "$binaries"/*/; do
  platform=$(basename "$folder")
  name=kubectl-promfed-$version-$platform
  mkdir "$work/$platform"
  case $platform in windows-*) plugin=kubectl-promfed.exe ;; *) plugin=kubectl-promfed ;; esac
  install -m 755 "$folder/$plugin" "$work/$platform/$plugin"
  install -m 644 "$root/LICENSE" "$work/$platform/LICENSE"
  touch -d "@$epoch" "$work/$platform"/*
  cp -a "$work/man" "$work/$platform/man"
  if [ "$plugin" = kubectl-promfed.exe ]; then
    rm -f "$into/$name.zip"
    (cd "$work/$platform" && printf '%s\n' LICENSE "$plugin" man/* | zip -q -X -@ "$into/$name.zip")
  else
    tar --directory "$work/$platform" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --format=ustar \
      --create LICENSE "$plugin" man | gzip -n -9 >"$into/$name.tar.gz"
  fi
done

# The manifest has the addresses of the version before: each gets this one's, and the checksum of what is there.
awk -v version="$version" -v folder="$into" '
  /^ *version: v/ { sub(/v[0-9].*/, version) }
  /^ *uri: / {
    gsub(/v[0-9]+\.[0-9]+\.[0-9]+/, version)
    count = split($2, parts, "/")
    command = "sha256sum \"" folder "/" parts[count] "\""
    if ((command | getline line) <= 0) { exit 1 }
    close(command)
    split(line, words, " ")
    sum = words[1]
  }
  /^ *sha256: / { sub(/"[0-9a-f]*"/, "\"" sum "\"") }
  /^#/ { next }
  { print }
' "$root/krew/promfed.yaml" >"$into/promfed.yaml"

cd "$into"
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS
