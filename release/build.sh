#!/usr/bin/env bash
# The plugin for one target, so that the same commit gives the same bytes wherever it is built:
#
#   release/build.sh TARGET FILE
#
# Nothing of the machine goes into the binary: no path, no time. What has to be the same is the toolchain (toolchain.txt)
# and, as a part of ring is C, the C compiler.
set -euo pipefail

target=$1
file=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$(cat "$here/toolchain.txt")}
export RUSTUP_TOOLCHAIN
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
home=${CARGO_HOME:-$HOME/.cargo}
# Where there are several, the last one that fits holds.
export RUSTFLAGS="--remap-path-prefix=$home=/cargo --remap-path-prefix=$root=/promfed"
export CFLAGS="-ffile-prefix-map=$home=/cargo -ffile-prefix-map=$root=/promfed"
case $target in
*-msvc) unset CFLAGS ;;
*-linux-musl) export "CC_${target//-/_}=musl-gcc" ;;
esac
export CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target/reproducible}

cargo build --quiet --release --locked --target "$target" --manifest-path "$root/Cargo.toml"
built=$CARGO_TARGET_DIR/$target/release/kubectl-promfed
case $target in *-windows-*) built=$built.exe ;; esac
mkdir -p "$(dirname "$file")"
cp "$built" "$file"
