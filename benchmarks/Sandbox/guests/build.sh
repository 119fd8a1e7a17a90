#!/usr/bin/env bash
# Builds the guest of the sandbox benchmark into bin (Debian packages clang and lld).
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p bin
"${CLANG:-clang}" --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib -mbulk-memory \
  -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-debug -o bin/orders.wasm orders.c
chmod 644 bin/orders.wasm
