#!/bin/sh
# Builds every guest of this folder into bin/ (Debian package: wabt). The built files are in the repository,
# so that the tests need no tools.
set -eu
cd "$(dirname "$0")"
mkdir -p bin
for source in *.wat; do
  wat2wasm --debug-names "$source" -o "bin/${source%.wat}.wasm"
done
