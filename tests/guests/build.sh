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

wat2wasm ../../src/Sandbox/WarmUp/wasi.wat -o ../../src/Sandbox/WarmUp/wasi.wasm

# The programs in C need clang, lld, wasi-libc and libclang-rt-dev-wasm32 too.
for source in wasi/*.c; do
  name=$(basename "$source" .c)
  clang --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi -O2 -Wall -Wl,--strip-all "$source" -o "bin/$name.wasm"
done

clang --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi -O2 -Wall -Wl,--strip-all hostile/wasi.c -o bin/hostile_wasi.wasm

# Those in AssemblyScript need its compiler, which samples/build.sh installs.
for source in assemblyscript/*.ts; do
  name=$(basename "$source" .ts)
  ../../samples/node_modules/.bin/asc "$source" --outFile "bin/$name.wasm" -O3 --runtime stub --use abort= --debug
done

# Guests in C for helios-1.
for source in helios/*.c; do
  name=$(basename "$source" .c)
  clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -nostdlib -mbulk-memory -Wl,--no-entry -Wl,--stack-first -Wl,--strip-debug "$source" -o "bin/$name.wasm"
done

# Plug-ins for the ABI extism.
for name in extism_echo extism_kernel extism_services; do
  clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -nostdlib -Wl,--no-entry -Wl,--strip-debug "extism/$name.c" -o "bin/$name.wasm"
done
clang --target=wasm32-wasi --sysroot=/usr -I/usr/include/wasm32-wasi -L/usr/lib/wasm32-wasi -mexec-model=reactor -O2 -Wall -Wl,--strip-all extism/extism_reactor.c -o bin/extism_reactor.wasm

# Guests that answer HTTP requests.
clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -nostdlib -mbulk-memory -Wl,--no-entry -Wl,--stack-first -Wl,--strip-debug http/http_helios.c -o bin/http_helios.wasm
clang --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -nostdlib -Wl,--no-entry -Wl,--strip-debug http/http_extism.c -o bin/http_extism.wasm
