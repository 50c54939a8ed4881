#!/usr/bin/env bash
# Puts cargo-deny and zizmor below the folder given: prebuilt and pinned by hash where there are such, else from source.
# What is there already is left.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
into=${1:-$here/../target/supply}
stamp=$(sha256sum <"$here/tools.txt")
[ "$(cat "$into/.stamp" 2>/dev/null)" = "$stamp" ] && exit

rm -rf "$into"
mkdir -p "$into"
case $(uname -sm) in
"Linux x86_64")
  python3 -m pip --version >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends python3-pip >/dev/null
  }
  python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --no-compile --no-deps \
    --only-binary :all: --require-hashes --target "$into" -r "$here/tools.txt"
  ;;
*)
  cargo install --quiet --locked --root "$into" cargo-deny@0.20.2 zizmor@1.32.0
  ;;
esac
printf '%s' "$stamp" >"$into/.stamp"
