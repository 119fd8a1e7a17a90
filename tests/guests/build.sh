#!/bin/sh
# Builds every guest of this folder into bin/ (Debian package: wabt). The built files are in the repository,
# so that the tests need no tools.
set -eu
cd "$(dirname "$0")"
mkdir -p bin
for source in *.wat; do
  wat2wasm --debug-names "$source" -o "bin/${source%.wat}.wasm"
done
for source in hostile/*.wat; do
  name=$(basename "$source" .wat)
  wat2wasm --debug-names "$source" -o "bin/hostile_$name.wasm"
done

# The programs in C need clang, lld, wasi-libc and libclang-rt-dev-wasm32 too.
compile() {
  clang --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi -O2 -Wall -Wl,--strip-all "$1" -o "bin/$2.wasm"
}
for source in wasi/*.c; do
  compile "$source" "$(basename "$source" .c)"
done
for source in hostile/*.c; do
  compile "$source" "hostile_$(basename "$source" .c)"
done
