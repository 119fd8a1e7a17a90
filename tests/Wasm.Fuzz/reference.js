// Runs generated modules on Node.js's engine: one JSON request a line on standard input, one JSON answer a line on standard output.
'use strict';
const { createHash } = require('node:crypto');
const readline = require('node:readline');
const bits = new DataView(new ArrayBuffer(8));

// V8's words for each of our trap codes; where it has one for two, either is right.
const traps = [
  [/unreachable/, ['Unreachable']],
  [/divide by zero|remainder by zero/, ['IntegerDivideByZero']],
  [/divide result unrepresentable/, ['IntegerOverflow']],
  [/float unrepresentable/, ['IntegerOverflow', 'InvalidConversionToInteger']],
  [/memory access out of bounds/, ['MemoryOutOfBounds']],
  [/null function or function signature mismatch/, ['IndirectCallTypeMismatch', 'UninitializedElement']],
  [/table index is out of bounds/, ['UndefinedElement', 'TableOutOfBounds']],
  [/call stack/, ['StackExhausted']],
];

function read(kind, text) {
  switch (kind) {
    case 'I32': return Number(text) | 0;
    case 'I64': return BigInt.asIntN(64, BigInt(text));
    case 'F32':
      if (text === 'nan') return NaN;
      bits.setUint32(0, Number(text));
      return bits.getFloat32(0);
    default:
      if (text === 'nan') return NaN;
      bits.setBigUint64(0, BigInt(text));
      return bits.getFloat64(0);
  }
}

function show(kind, value) {
  switch (kind) {
    case 'I32': return String(value >>> 0);
    case 'I64': return String(BigInt.asUintN(64, value));
    case 'F32':
      if (Number.isNaN(value)) return 'nan';
      bits.setFloat32(0, value);
      return String(bits.getUint32(0));
    default:
      if (Number.isNaN(value)) return 'nan';
      bits.setFloat64(0, value);
      return String(bits.getBigUint64(0));
  }
}

function run(module, call) {
  const { exports } = new WebAssembly.Instance(module);
  let results;
  try {
    const value = exports[call.name](...call.arguments.map((text, i) => read(call.parameters[i], text)));
    const values = call.results.length === 1 ? [value] : value;
    results = [call.results.map((kind, i) => show(kind, values[i])).join(' ')];
  } catch (error) {
    results = (traps.find(([words]) => words.test(error.message)) ?? [null, [`? ${error.message}`]])[1];
  }
  const memory = new Uint8Array(exports.memory.buffer);
  const hash = createHash('sha256').update(memory).digest('hex');
  const globals = ['I32', 'I64', 'F32', 'F64'].map((kind) => show(kind, exports[`global ${kind}`].value));
  return { results, state: `${memory.length / 65536} ${hash} ${globals.join(' ')}` };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  let answer;
  try {
    const module = new WebAssembly.Module(Buffer.from(request.module, 'base64'));
    answer = { outcomes: request.calls.map((call) => run(module, call)) };
  } catch (error) {
    answer = { refused: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
