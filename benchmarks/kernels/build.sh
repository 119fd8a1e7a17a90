#!/usr/bin/env bash
# Builds every kernel into benchmarks/kernels/bin.
set -euo pipefail
cd "$(dirname "$0")"

CLANG="${CLANG:-clang}"
for tool in "$CLANG:clang" wasm-ld:lld; do
  command -v "${tool%%:*}" >/dev/null || {
    echo "build.sh: ${tool%%:*} is missing: install the Debian package ${tool##*:}" >&2
    exit 1
  }
done

mkdir -p bin
for source in *.c; do
  name="${source%.c}"
  features=()
  case "$name" in
    *_simd) features=(-msimd128) ;;
    memops) features=(-mbulk-memory) ;;
  esac
  "$CLANG" --target=wasm32 -O2 -std=c11 -Wall -Wextra -Werror -ffreestanding -nostdlib "${features[@]}" \
    -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=65536 -Wl,--strip-debug -o "bin/$name.wasm" "$source"
  chmod 644 "bin/$name.wasm"
  printf '%-28s %6d bytes\n' "bin/$name.wasm" "$(wc -c <"bin/$name.wasm")"
done
