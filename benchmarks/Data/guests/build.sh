#!/usr/bin/env bash
# Builds the guests of the benchmark of data into bin (Debian packages clang and lld).
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p bin
build() {
  local name=$1 source=$2
  shift 2
  "${CLANG:-clang}" --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib -mbulk-memory "$@" \
    -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-debug -o "bin/$name.wasm" "$source"
  chmod 644 "bin/$name.wasm"
}

build transfer transfer.c
build transfer_postgres transfer.c -DPOSTGRES
build swallow swallow.c
