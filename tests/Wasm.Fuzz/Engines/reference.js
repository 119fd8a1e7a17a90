// Runs generated modules on V8. A request on standard input: the module's length and bytes, the count of chosen functions, and for each
// its number, its list of results and whether it needs new instances, all as little-endian 32-bit numbers. The answer: a length and the
// records, or minus the length of a message and the message.
'use strict';
const fs = require('node:fs');

const inputs = 4;
const recordBytes = 272;
const header = 8;

// What Hash in GeneratedRun.cs does: (func (export "hash") (param $end i32) (result i32)), with memory imported.
const hasher = new WebAssembly.Module(build());

// V8's words for each of our trap codes plus one; where it has one for several, the first stands for all.
const traps = [
  [/unreachable/, 1],
  [/memory access out of bounds|data segment out of bounds/, 2],
  [/table index is out of bounds|table.*out of bounds|element segment out of bounds/, 3],
  [/null function or function signature mismatch|null function|signature mismatch/, 5],
  [/divide by zero|remainder by zero/, 7],
  [/divide result unrepresentable|float unrepresentable/, 8],
  [/call stack/, 10],
];

function trapOf(error) {
  const known = traps.find(([words]) => words.test(error.message));
  if (known === undefined) process.stderr.write(`unknown trap: ${error.message}\n`);
  return known === undefined ? 99 : known[1];
}

const objects = [{}, {}, {}];
const imports = { host: { number: (value) => objects.indexOf(value), object: (number) => objects[number] } };

function instantiate(module) {
  const { exports } = new WebAssembly.Instance(module, imports);
  const { hash } = new WebAssembly.Instance(hasher, { m: { m: exports.memory } }).exports;
  return { exports, hash };
}

function run(request) {
  const length = request.readInt32LE(0);
  const module = new WebAssembly.Module(request.subarray(4, 4 + length));
  let at = 4 + length;
  const count = request.readInt32LE(at);
  at += 4;
  const records = Buffer.alloc(count * inputs * (header + recordBytes));
  let to = 0;
  let running = instantiate(module);
  for (let i = 0; i < count; i++, at += 12) {
    const number = request.readInt32LE(at);
    const results = request.readInt32LE(at + 4);
    const needsNew = request.readInt32LE(at + 8) !== 0;
    for (let input = 0; input < inputs; input++) {
      let trap = 0;
      try {
        running.exports.run(number, input, results);
      } catch (error) {
        trap = trapOf(error);
      }
      const { buffer } = running.exports.memory;
      records.writeInt32LE(trap, to);
      records.writeInt32LE(running.hash(buffer.byteLength), to + 4);
      running.exports.finish();
      records.set(new Uint8Array(buffer, 0, recordBytes), to + header);
      const sizes = to + header + 128;
      to += header + recordBytes;
      if (needsNew || records.readInt32LE(sizes) !== 8 || records.readInt32LE(sizes + 4) !== 4 || records.readInt32LE(sizes + 8) !== 1) {
        running = instantiate(module);
      }
    }
  }
  return records;
}

function build() {
  const leb = (value) => { const bytes = []; do { bytes.push((value & 127) | (value > 127 ? 128 : 0)); value >>>= 7; } while (value); return bytes; };
  const signed = (value) => { const bytes = []; for (;;) { const low = value & 127; value >>= 7; if ((value === 0 && !(low & 64)) || (value === -1 && (low & 64))) { bytes.push(low); return bytes; } bytes.push(low | 128); } };
  const sized = (bytes) => [...leb(bytes.length), ...bytes];
  const section = (id, bytes) => [id, ...sized(bytes)];
  const get = (local) => [0x20, local];
  const set = (local) => [0x21, local];
  const i32 = (value) => [0x41, ...signed(value)];
  const simd = (op) => [0xfd, ...leb(op)];
  const splat = (value) => [...i32(value), ...simd(0x11)];
  const mul = simd(0xb5);
  const xor = simd(0x51);
  // Locals: 0 end, 1 at, 2 to 5 the four accumulators.
  const body = [2, 1, 0x7f, 4, 0x7b];
  for (let i = 0; i < 4; i++) body.push(...splat(i + 1), ...set(2 + i));
  body.push(0x03, 0x40);
  for (let i = 0; i < 4; i++) {
    body.push(...get(2 + i), ...get(1), ...simd(0), 0, 16 * i, ...xor, ...splat(0x01000193), ...mul, ...set(2 + i));
  }
  body.push(...get(1), ...i32(64), 0x6a, 0x22, 1, ...get(0), 0x49, 0x0d, 0, 0x0b);
  body.push(...get(2));
  for (let i = 1; i < 4; i++) body.push(...splat(31), ...mul, ...get(2 + i), ...xor);
  body.push(...set(2), ...get(2), ...simd(27), 0);
  for (let i = 1; i < 4; i++) body.push(...i32(31), 0x6c, ...get(2), ...simd(27), i, 0x73);
  body.push(0x0b);
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...sized([...Buffer.from('hash')]), 0, 0]),
    ...section(10, [1, ...sized(body)]),
  ]);
}

function read(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const got = fs.readSync(0, bytes, at, length - at);
    if (got === 0) return null;
    at += got;
  }
  return bytes;
}

function write(bytes) {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(1, bytes, at);
}

for (;;) {
  const head = read(4);
  if (head === null) break;
  const request = read(head.readInt32LE(0));
  let answer;
  let length;
  try {
    answer = run(request);
    length = answer.length;
  } catch (error) {
    answer = Buffer.from(String(error.stack));
    length = -answer.length;
  }
  const size = Buffer.alloc(4);
  size.writeInt32LE(length, 0);
  write(size);
  write(answer);
}
