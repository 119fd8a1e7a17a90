// Calls the exports of whole modules on V8: a request on standard input is a length and a module, an answer a length and text.
'use strict';
const fs = require('node:fs');

const bits = new DataView(new ArrayBuffer(8));
const traps = [
  [/unreachable/, 1],
  [/memory access out of bounds|data segment out of bounds/, 2],
  [/table index is out of bounds|table.*out of bounds|element segment out of bounds/, 3],
  [/null function or function signature mismatch|null function|signature mismatch/, 5],
  [/divide by zero|remainder by zero/, 7],
  [/divide result unrepresentable|float unrepresentable/, 8],
  [/call stack/, 10],
];

// The types of a module's function imports and of all its functions, from its bytes: JavaScript has no other way to ask.
function signatures(bytes) {
  let at = 8;
  const types = [];
  const functions = [];
  const imports = [];
  const exported = [];
  const leb = () => { let value = 0; for (let shift = 0; ; shift += 7) { const byte = bytes[at++]; value |= (byte & 127) << shift; if (byte < 128) return value >>> 0; } };
  const name = () => { const length = leb(); const text = Buffer.from(bytes.subarray(at, at + length)).toString(); at += length; return text; };
  const list = () => Array.from({ length: leb() }, () => bytes[at++]);
  const limits = () => { const flag = bytes[at++]; leb(); if (flag & 1) leb(); };
  while (at < bytes.length) {
    const id = bytes[at++];
    const length = leb();
    const end = at + length;
    if (id === 1) for (let n = leb(); n > 0; n--) { at++; types.push({ parameters: list(), results: list() }); }
    if (id === 2) {
      for (let n = leb(); n > 0; n--) {
        const [from, what] = [name(), name()];
        switch (bytes[at++]) {
          case 0: { const type = types[leb()]; functions.push(type); imports.push({ from, what, type }); break; }
          case 1: at++; limits(); break;
          case 2: limits(); break;
          default: at += 2;
        }
      }
    }
    if (id === 3) for (let n = leb(); n > 0; n--) functions.push(types[leb()]);
    if (id === 7) for (let n = leb(); n > 0; n--) { const what = name(); const kind = bytes[at++]; const index = leb(); if (kind === 0) exported.push({ what, type: functions[index] }); }
    at = end;
  }
  return { imports, exported };
}

function show(kind, value) {
  switch (kind) {
    case 0x7f: return String(value >>> 0);
    case 0x7e: return String(BigInt.asUintN(64, value));
    case 0x7d:
      if (Number.isNaN(value)) return 'nan';
      bits.setFloat32(0, value);
      return String(bits.getUint32(0));
    default:
      if (Number.isNaN(value)) return 'nan';
      bits.setFloat64(0, value);
      return String(bits.getBigUint64(0));
  }
}

function argument(kind, position) {
  switch (kind) {
    case 0x7f: return position + 1;
    case 0x7e: return BigInt(-position - 1);
    case 0x7d: return position + 0.5;
    default: return -position - 0.5;
  }
}

function zero(kind) {
  return kind === 0x7e ? 0n : 0;
}

function hash(memory) {
  const words = new Int32Array(memory.buffer);
  const all = new Int32Array(16);
  for (let i = 0; i < 16; i++) all[i] = 1 + (i >> 2);
  for (let at = 0; at < words.length; at += 16) {
    for (let i = 0; i < 16; i++) all[i] = Math.imul(all[i] ^ words[at + i], 0x01000193);
  }
  for (let lane = 0; lane < 4; lane++) {
    let value = all[lane];
    for (let i = 1; i < 4; i++) value = Math.imul(value, 31) ^ all[4 * i + lane];
    all[lane] = value;
  }
  let value = all[0];
  for (let lane = 1; lane < 4; lane++) value = Math.imul(value, 31) ^ all[lane];
  return value >>> 0;
}

function run(bytes) {
  let text = '';
  const { imports, exported } = signatures(bytes);
  const given = {};
  for (const { from, what, type } of imports) {
    (given[from] ??= {})[what] = (...values) => {
      values.forEach((value, i) => { text += ` log ${show(type.parameters[i], value)}`; });
      return type.results.length === 0 ? undefined : type.results.length === 1 ? zero(type.results[0]) : type.results.map(zero);
    };
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), given);
  for (const { what, type } of exported) {
    exports.hangLimitInitializer?.();
    text += `${what}:`;
    try {
      const value = exports[what](...type.parameters.map(argument));
      const values = type.results.length === 0 ? [] : type.results.length === 1 ? [value] : [...value];
      values.forEach((one, i) => { text += ` ${show(type.results[i], one)}`; });
    } catch (error) {
      const known = traps.find(([words]) => words.test(error.message));
      text += ` trap ${known === undefined ? error.message : known[1]}`;
    }
    text += '\n';
  }
  if (exports.memory !== undefined) text += `memory ${exports.memory.buffer.byteLength} ${hash(exports.memory)}`;
  return text;
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
  const module = read(head.readInt32LE(0));
  let answer;
  let sign = 1;
  try {
    answer = Buffer.from(run(module));
  } catch (error) {
    answer = Buffer.from(String(error.stack));
    sign = -1;
  }
  const size = Buffer.alloc(4);
  size.writeInt32LE(sign * answer.length, 0);
  write(size);
  write(answer);
}
