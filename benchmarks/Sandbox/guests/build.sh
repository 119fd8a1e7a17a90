#!/usr/bin/env bash
# Builds the guest of the sandbox benchmark into bin (Debian packages clang and lld).
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p bin
build() {
  "${CLANG:-clang}" --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib -mbulk-memory \
    -Wl,--no-entry -Wl,--stack-first "-Wl,-z,stack-size=$2" -Wl,--strip-debug -o "bin/$1.wasm" orders.c
  chmod 644 "bin/$1.wasm"
}

build orders 16384
# As much stack as most toolchains give a program: 17 pages of memory, little of which is ever touched.
build orders_large 1048576
