#!/usr/bin/env bash
# Builds every sample into samples/bin. With names as arguments, builds only those: build.sh echo greet
set -euo pipefail
cd "$(dirname "$0")"

CLANG="${CLANG:-clang}"
# Debian's compiler, because its package libstd-rust-dev-wasm32 has the target's core library.
RUSTC="${RUSTC:-/usr/bin/rustc}"

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing: install $2"
}

build_c() {
  need "$CLANG" "the Debian package clang"
  need wasm-ld "the Debian package lld"
  # Only features of WebAssembly 2.0. The stack lies below the static data, so that overflowing it traps.
  "$CLANG" --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib \
    -mbulk-memory -msign-ext -mnontrapping-fptoint \
    -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-debug \
    -o "bin/$1.wasm" "$1/$1.c"
}

build_rust() {
  need "$RUSTC" "the Debian package rustc"
  local target
  target="$("$RUSTC" --print target-libdir --target wasm32-unknown-unknown)"
  compgen -G "$target/libcore-*.rlib" >/dev/null || fail "$target has no core library: install the Debian package libstd-rust-dev-wasm32"
  "$RUSTC" --edition 2021 --target wasm32-unknown-unknown --crate-type cdylib \
    -C opt-level=2 -C panic=abort -C lto=fat -C strip=debuginfo -C target-feature=+bulk-memory \
    -C link-arg=--stack-first -C link-arg=-zstack-size=16384 -C link-arg=--demangle \
    -o "bin/$1.wasm" "$1/$1.rs"
}

build_assemblyscript() {
  need node "the Debian package nodejs"
  need npm "the Debian package npm"
  if [[ ! -x node_modules/.bin/asc || ! -d node_modules/@extism/as-pdk ]]; then
    npm ci --no-audit --no-fund >&2 || fail "npm could not install the packages named in samples/package-lock.json"
  fi
  # No abort function is imported: what would call it becomes `unreachable`.
  node_modules/.bin/asc "$1/$1.ts" --outFile "bin/$1.wasm" -O3 --runtime stub --use abort= --debug
}

samples=("$@")
if [[ ${#samples[@]} -eq 0 ]]; then
  samples=(echo wordcount thumbnail greet cached checksum trap add vowels process_order process_order_as validate_order validate_order_as order_totals order_totals_as)
fi

mkdir -p bin
for sample in "${samples[@]}"; do
  if [[ -f "$sample/$sample.c" ]]; then
    build_c "$sample"
  elif [[ -f "$sample/$sample.rs" ]]; then
    build_rust "$sample"
  elif [[ -f "$sample/$sample.ts" ]]; then
    build_assemblyscript "$sample"
  else
    fail "there is no sample named $sample"
  fi
  chmod 644 "bin/$sample.wasm"
  printf '%-24s %6d bytes\n' "bin/$sample.wasm" "$(wc -c <"bin/$sample.wasm")"
done
