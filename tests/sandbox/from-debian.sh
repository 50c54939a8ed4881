#!/usr/bin/env bash
# Unpacks packages of a Debian release below a folder, with the machine's own sources: from-debian.sh RELEASE FOLDER
# PACKAGE... Nothing is installed, and root is not needed.
set -euo pipefail

release=$1 into=$2
shift 2
mkdir -p "$into"
into=$(cd "$into" && pwd)
work=$(mktemp -d "$into/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial"
# The machine's own Debian source, with another release in it.
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
  awk 'BEGIN { RS = ""; ORS = "\n\n" } !/-security/' /etc/apt/sources.list.d/debian.sources |
    sed "s/^Suites:.*/Suites: $release/" >"$work/release.sources"
  list="$work/release.sources"
else
  grep -hE '^deb .*debian' /etc/apt/sources.list | grep -v security | head -n 1 |
    sed -E "s/^(deb( \[[^]]*\])? [^ ]+) [^ ]+/\1 $release/" >"$work/release.list"
  list="$work/release.list"
fi
options=(-o "Dir::Etc::sourcelist=$list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root -o Debug::NoLocking=1)
apt-get "${options[@]}" -qq update
(cd "$work" && apt-get "${options[@]}" -qq download "$@")
for package; do dpkg -x "$work/$package"_*.deb "$into"; done
