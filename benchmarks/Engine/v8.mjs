// The V8 side of the engine benchmark.
//
//   node v8.mjs                          answers requests, one JSON object a line, until its input ends
//   node v8.mjs --cold FILE EXPORT N     compiles FILE, calls EXPORT(N) once, prints one answer and exits
//
// Requests: {"do":"load","name","path"}, {"do":"run","name","n"} and {"do":"start","path","export","n"}.
// Times are whole nanoseconds, taken around the call alone.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const now = process.hrtime.bigint;
const modules = new Map();
let starts = 0;

// The same text for the same value on every engine: an i64 by its bits, any other number by the bits of its f64.
function describe(result) {
  const view = new DataView(new ArrayBuffer(8));
  if (typeof result === 'bigint') {
    view.setBigUint64(0, BigInt.asUintN(64, result));
  } else {
    view.setFloat64(0, result);
  }
  return (typeof result === 'bigint' ? 'i' : 'n') + view.getBigUint64(0).toString(16).padStart(16, '0');
}

function load({ name, path }) {
  modules.set(name, new WebAssembly.Module(readFileSync(path)));
  return {};
}

function run({ name, n }) {
  const { run } = new WebAssembly.Instance(modules.get(name)).exports;
  run(n);
  const start = now();
  const result = run(n);
  const end = now();
  return { elapsed: Number(end - start), result: describe(result) };
}

function start({ path, export: entry, n }) {
  // V8 keeps what it has compiled and finds it again by the bytes; a custom section that counts makes them new.
  const count = Buffer.alloc(4);
  count.writeUInt32LE(starts++);
  const bytes = Buffer.concat([readFileSync(path), Buffer.from([0, 6, 1, 0x63]), count]);
  return timeStart(bytes, entry, n);
}

function timeStart(bytes, entry, n) {
  const begin = now();
  const module = new WebAssembly.Module(bytes);
  const compiled = now();
  const result = new WebAssembly.Instance(module).exports[entry](n);
  const end = now();
  return { compile: Number(compiled - begin), firstCall: Number(end - compiled), result: describe(result) };
}

if (process.argv[2] === '--cold') {
  const [path, entry, n] = process.argv.slice(3);
  console.log(JSON.stringify(timeStart(readFileSync(path), entry, Number(n))));
} else {
  const handlers = { load, run, start };
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      const request = JSON.parse(line);
      answer = handlers[request.do](request);
    } catch (error) {
      answer = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
