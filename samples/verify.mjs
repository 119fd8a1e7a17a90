// Drives every built sample through the guest ABI helios-1 on V8 and checks what it answers: node samples/verify.mjs
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const modules = new Map();

function load(name) {
  if (!modules.has(name)) {
    const module = new WebAssembly.Module(readFileSync(new URL(`bin/${name}.wasm`, import.meta.url)));
    modules.set(name, module);
  }
  return modules.get(name);
}

// One call on a fresh instance, as the host makes it. What a sample imports must be offered, and no more.
function call(name, payload, offer = () => ({})) {
  const bound = {};
  const heliosdb = offer(bound);
  const imports = WebAssembly.Module.imports(load(name));
  assert.ok(imports.every(({ module }) => module === 'heliosdb'));
  assert.deepEqual(imports.map((entry) => entry.name).sort(), Object.keys(heliosdb).sort(), `${name} imports something else`);
  const instance = new WebAssembly.Instance(load(name), { heliosdb });
  const { memory, __wasm_allocate, __wasm_deallocate, handle } = Object.assign(bound, instance.exports);
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const at = __wasm_allocate(bytes.length) >>> 0;
  assert.notEqual(at, 0, `${name} has no room for ${bytes.length} bytes`);
  assert.ok(at + bytes.length <= memory.buffer.byteLength, `${name} allocated outside its memory`);
  new Uint8Array(memory.buffer).set(bytes, at);
  const packed = BigInt.asUintN(64, handle(at, bytes.length));
  const from = Number(packed >> 32n);
  const length = Number(packed & 0xffffffffn);
  assert.ok(from + length <= memory.buffer.byteLength, `${name} answered from outside its memory`);
  const response = Buffer.from(new Uint8Array(memory.buffer, from, length));
  __wasm_deallocate(from, length);
  __wasm_deallocate(at, bytes.length);
  return response;
}

// What the host offers to give a block of bytes.
function giver(guest) {
  return (value, out, outLength) => {
    const at = value.length === 0 ? 0 : guest.__wasm_allocate(value.length) >>> 0;
    new Uint8Array(guest.memory.buffer).set(value, at);
    const view = new DataView(guest.memory.buffer);
    assert.ok(out % 4 === 0 && outLength % 4 === 0 && out !== 0 && outLength !== 0);
    view.setUint32(out, at, true);
    view.setUint32(outLength, value.length, true);
    return at;
  };
}

const text = (name, payload) => call(name, payload).toString('utf8');

// A small deterministic generator (xorshift32), so that a failure can be repeated.
function random(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function randomBytes(next, length) {
  return Uint8Array.from({ length }, () => next(256));
}

// The CRC-32 of gzip and PNG, bit by bit: slow, and nothing like the table that the sample uses.
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return ~crc >>> 0;
}

class Failed extends Error {}

function checkProcessOrder(name) {
  let stock;
  let orders;
  let broken = false;
  const statements = {
    'SELECT price, count FROM stock WHERE item = ?1': ([item]) => ({ columns: ['price', 'count'], rows: stock[item] ? [stock[item]] : [] }),
    'UPDATE stock SET count = count - ?2 WHERE item = ?1': ([item, count]) => ((stock[item][1] -= count), { rowsAffected: 1, lastInsertId: 0 }),
    'INSERT INTO orders (customer, total) VALUES (?1, ?2)': ([customer, total]) => ({
      rowsAffected: 1, lastInsertId: orders.push({ customer, total, lines: [] }),
    }),
    'INSERT INTO order_lines (order_id, item, count, price) SELECT ?3, item, ?2, price FROM stock WHERE item = ?1': ([item, count, order]) => (
      orders[order - 1].lines.push([item, count, stock[item][0]]), { rowsAffected: 1, lastInsertId: 1 }),
  };
  const offer = (guest) => {
    const utf8 = (at, length) => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(guest.memory.buffer, at, length));
    const give = (value, ...out) => (giver(guest)(Buffer.from(JSON.stringify(value)), ...out), 0);
    const statement = (verb) => (at, length, values, valuesLength, ...out) => {
      const sql = utf8(at, length);
      assert.ok(sql.startsWith('SELECT') === (verb === 'query'));
      return broken ? -5 : give(statements[sql](JSON.parse(utf8(values, valuesLength))), ...out);
    };
    const imports = {
      db_query: statement('query'),
      db_execute: statement('execute'),
      db_last_error: (...out) => give({ code: 'busy' }, ...out),
      proc_fail: (at, length) => {
        throw new Failed(utf8(at, length));
      },
    };
    return name.endsWith('_as') ? { ...imports, dealloc: () => 0 } : imports;
  };
  const begin = () => {
    stock = { tea: [350, 10], 'a "cup" ä': [900, 2] };
    orders = [];
    broken = false;
  };
  const order = (payload) => JSON.parse(call(name, typeof payload === 'string' ? payload : JSON.stringify(payload), offer));
  const line = (item, count) => ({ item, count });

  begin();
  assert.deepEqual(order([{ customer: 'A"d\\ä', lines: [line('tea', 2), line('a "cup" ä', 1), line('tea', 8)] }]), { order: 1, total: 4400 });
  assert.deepEqual(orders, [{ customer: 'A"d\\ä', total: 4400, lines: [['tea', 2, 350], ['a "cup" ä', 1, 900], ['tea', 8, 350]] }]);
  assert.deepEqual(stock, { tea: [350, 0], 'a "cup" ä': [900, 1] });
  assert.deepEqual(
    order(' [ { "lines" : [ { "count" : 1 , "x" : [ { "item" : "]" } ] , "item" : "a \\"cup\\" ä" } ] , "customer" : "B" } , 2 ] '),
    { order: 2, total: 900 });

  const refused = [
    ['[]', /an order is/],
    ['[1]', /an order is/],
    ['[{"customer":1,"lines":[]}]', /an order is/],
    ['[{"customer":"A","lines":[]}]', /an order is/],
    ['[{"customer":"A","lines":[1]}]', /a line is/],
    ['[{"customer":"A","lines":[{"item":"tea","count":0}]}]', /a line is/],
    ['[{"customer":"A","lines":[{"item":"tea","count":-1}]}]', /a line is/],
    ['[{"customer":"A","lines":[{"item":"tea","count":1.5}]}]', /a line is/],
    ['[{"customer":"A","lines":[{"item":"tea","count":1000001}]}]', /a line is/],
    ['[{"customer":"A","lines":[{"item":"tea","count":11}]}]', /^Of "tea" there are 10, not 11$/],
    ['[{"customer":"A","lines":[{"item":"tea","count":10},{"item":"tea","count":1}]}]', /^Of "tea" there are 0, not 1$/],
    ['[{"customer":"A","lines":[{"item":"milk","count":1}]}]', /^Of "milk" there are 0, not 1$/],
  ];
  for (const [payload, message] of refused) {
    begin();
    assert.throws(() => order(payload), (error) => error instanceof Failed && message.test(error.message), payload);
    assert.deepEqual(orders, []);
  }
  begin();
  broken = true;
  assert.throws(() => order([{ customer: 'A', lines: [line('tea', 1)] }]), /{"code":"busy"}/);
}

function checkValidateOrder(name) {
  const judge = (now) => JSON.parse(text(name, JSON.stringify({
    trigger: 'validate', event: 'before_insert', table: 'orders', old: null, new: now, at: '2026-11-29T08:00:00.0000000Z',
  })));
  const placed = { allow: true, new: { placed: '2026-11-29T08:00:00.0000000Z' } };
  assert.deepEqual(judge({ id: 1, customer: 'A "placed":1 \\', total: 10, placed: 'today' }), { allow: true });
  assert.deepEqual(judge({ id: 1, customer: '}', total: 0, placed: null }), placed);
  assert.deepEqual(judge({ total: 0.5 }), placed);
  assert.deepEqual(judge({ total: null }), placed);
  for (const total of [-1, -0.5, -1e300]) {
    assert.deepEqual(judge({ total, placed: 'today' }), { allow: false, reason: 'the total is negative' });
  }
}

function checkOrderTotals(name) {
  const order = (customer, total) => (customer === null ? null : { id: 1, customer, total, placed: null });
  const change = ([before, after]) => ({ before: before && order(...before), after: after && order(...after), source: { table: 'orders' }, op: 'u' });
  const add = (...changes) => JSON.parse(text(name, JSON.stringify({ pipeline: 'totals', events: changes.map(change) })));
  const sum = (customer, orders, total) => ({ add: { customer, orders, total } });
  assert.deepEqual(add(), []);
  assert.deepEqual(add([null, ['Ada', 1600]]), [sum('Ada', 1, 1600)]);
  assert.deepEqual(add([null, ['Ada', 1600]], [null, ['B "\\ä\n', 5]], [['Ada', 1600], ['Ada', 1500]]), [sum('Ada', 1, 1500), sum('B "\\ä\n', 1, 5)]);
  assert.deepEqual(add([['Ada', 7], ['Bob', 9]]), [sum('Ada', -1, -7), sum('Bob', 1, 9)]);
  assert.deepEqual(add([['Ada', 7], null]), [sum('Ada', -1, -7)]);
  assert.deepEqual(add([['Ada', 7], ['Ada', 7]]), []);
  assert.deepEqual(add([['Ada', 7], ['Ada', 8]]), [sum('Ada', 0, 1)]);
  assert.deepEqual(add([null, ['Ada', null]], [null, ['Ada', 0.5]], [null, ['Ada', 999_999_999_999_999]]), [sum('Ada', 3, 999_999_999_999_999)]);
  const next = random(8);
  const sums = new Map();
  const many = [...Array(3000)].map(() => [next(3) ? [`c${next(400)}`, next(1000)] : null, next(3) ? [`c${next(400)}`, next(1000)] : null]);
  for (const [sign, row] of many.flatMap(([before, after]) => [[-1, before], [1, after]]).filter(([, row]) => row)) {
    const [orders, total] = sums.get(row[0]) ?? [0, 0];
    sums.set(row[0], [orders + sign, total + sign * row[1]]);
  }
  assert.deepEqual(add(...many), [...sums].filter(([, [orders, total]]) => orders || total).map(([customer, values]) => sum(customer, ...values)));
}

const checks = {
  echo() {
    const next = random(1);
    for (const length of [0, 1, 15, 16, 17, 1000, 65536, 300_000, 5_000_000]) {
      const payload = randomBytes(next, length);
      assert.deepEqual(call('echo', payload), Buffer.from(payload));
    }
  },

  'the C allocator'() {
    const { memory, __wasm_allocate, __wasm_deallocate } = new WebAssembly.Instance(load('echo')).exports;
    const next = random(2);
    const held = [];
    for (let step = 0; step < 20_000; step++) {
      if (held.length > 50 || (held.length > 0 && next(2) === 0)) {
        const [block] = held.splice(next(held.length), 1);
        const view = new Uint8Array(memory.buffer, block.at, block.size);
        assert.ok(view.every((byte) => byte === block.fill), 'two blocks overlap');
        __wasm_deallocate(block.at, block.size);
      } else {
        const size = next(10) === 0 ? next(20_000) : next(300);
        const at = __wasm_allocate(size) >>> 0;
        assert.ok(at !== 0 && at % 16 === 0);
        const fill = next(256);
        new Uint8Array(memory.buffer, at, size).fill(fill);
        held.push({ at, size, fill });
      }
    }
    assert.ok(memory.buffer.byteLength <= 2 << 20, 'freed blocks are not used again');
    assert.equal(__wasm_allocate(-1), 0, 'an impossible size is refused');
    assert.equal(__wasm_allocate(-70_000), 0, 'an impossible size is refused');
  },

  wordcount() {
    assert.equal(
      text('wordcount', 'The quick brown fox jumps over the lazy dog.\nThe end'),
      '{"bytes":52,"lines":2,"words":11,"unique":9,"top":[{"word":"the","count":3},{"word":"quick","count":1},' +
        '{"word":"brown","count":1},{"word":"fox","count":1},{"word":"jumps","count":1}]}\n',
    );
    assert.equal(text('wordcount', ''), '{"bytes":0,"lines":0,"words":0,"unique":0,"top":[]}\n');
    assert.deepEqual(JSON.parse(text('wordcount', "Don't \"quote\" Äpfel 数据 don't 'x'\n")), {
      bytes: 38, lines: 1, words: 6, unique: 5,
      top: [["don't", 2], ['quote', 1], ['Äpfel', 1], ['数据', 1], ['x', 1]].map(([word, count]) => ({ word, count })),
    });

    const next = random(3);
    const words = Array.from({ length: 3000 }, () => `w${next(700)}`);
    const counts = new Map();
    words.forEach((word) => counts.set(word, (counts.get(word) ?? 0) + 1));
    const answer = JSON.parse(text('wordcount', words.join(' ')));
    assert.equal(answer.words, 3000);
    assert.equal(answer.unique, counts.size);
    const expected = [...counts].map(([word, count]) => ({ word, count })).sort((a, b) => b.count - a.count).slice(0, 5);
    assert.deepEqual(answer.top, expected);

    const long = JSON.parse(text('wordcount', 'ä'.repeat(1000)));
    assert.equal(long.top[0].word, 'ä'.repeat(64));
    for (let round = 0; round < 300; round++) {
      const response = call('wordcount', randomBytes(next, next(3000)));
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(response));
    }
  },

  thumbnail() {
    const next = random(4);
    const header = (width, height, maximum = 255) => Buffer.from(`P6\n${width} ${height}\n${maximum}\n`);
    const pixels = (response) => response.subarray(response.indexOf('\n255\n') + 5);

    const small = Buffer.concat([header(3, 2), randomBytes(next, 18)]);
    assert.deepEqual(call('thumbnail', small), small, 'a small image is left alone');

    const commented = Buffer.concat([Buffer.from('P6#made\n# by hand\n 3\t2 #x\n255\n'), small.subarray(-18)]);
    assert.deepEqual(call('thumbnail', commented), small, 'comments are skipped');

    const wide = Buffer.concat([header(300, 100), Buffer.alloc(90_000, 77)]);
    assert.deepEqual(call('thumbnail', wide), Buffer.concat([header(64, 21), Buffer.alloc(64 * 21 * 3, 77)]));

    // 128 x 128 halves exactly: each new pixel is the rounded mean of four.
    const source = randomBytes(next, 128 * 128 * 3);
    const halved = Buffer.alloc(64 * 64 * 3);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        for (let c = 0; c < 3; c++) {
          const at = (row, column) => source[((2 * y + row) * 128 + 2 * x + column) * 3 + c];
          halved[(y * 64 + x) * 3 + c] = Math.floor((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1) + 2) / 4);
        }
      }
    }
    assert.deepEqual(pixels(call('thumbnail', Buffer.concat([header(128, 128), source]))), halved);

    // A ratio that is no whole number, against the same average in floating point.
    const [width, height] = [101, 83];
    const uneven = randomBytes(next, width * height * 3);
    const scaled = pixels(call('thumbnail', Buffer.concat([header(width, height), uneven])));
    const [w, h] = [64, 53];
    assert.equal(scaled.length, w * h * 3);
    const overlap = (i, size, from, to) => Math.max(0, Math.min(i + 1, to) - Math.max(i, from)) / size;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let sum = 0;
        for (let row = 0; row < height; row++) {
          const rowWeight = overlap(row, height / h, (y * height) / h, ((y + 1) * height) / h);
          for (let column = 0; rowWeight > 0 && column < width; column++) {
            const weight = rowWeight * overlap(column, width / w, (x * width) / w, ((x + 1) * width) / w);
            sum += weight * uneven[(row * width + column) * 3];
          }
        }
        assert.ok(Math.abs(scaled[(y * w + x) * 3] - sum) <= 0.5 + 1e-6);
      }
    }

    const deep = Buffer.concat([header(1, 1, 65535), Buffer.from([0xff, 0xff, 0x80, 0x00, 0, 0])]);
    assert.deepEqual([...pixels(call('thumbnail', deep))], [255, 128, 0]);
    assert.equal(call('thumbnail', Buffer.concat([header(65535, 1), Buffer.alloc(65535 * 3)])).subarray(0, 8).toString(), 'P6\n64 1\n');

    const refused = [
      ['', /is empty/],
      ['GIF89a', /does not start with P6/],
      ['P6', /does not start with P6/],
      ['P6 x', /width/],
      ['P6 70000 1 255\n', /width/],
      ['P6 1 0 255\n', /height/],
      ['P6 1 1 65536\n', /maximum/],
      ['P6 1 1 255', /does not end/],
      ['P6 1 1 255\nab', /cut short/],
      ['P6 65535 65535 65535\nab', /cut short/],
    ];
    for (const [payload, message] of refused) {
      const response = text('thumbnail', payload);
      assert.match(response, message);
      assert.ok(response.startsWith('error: '));
    }
    for (let round = 0; round < 2000; round++) {
      const garbage = Buffer.from(round % 2 === 0 ? small : wide.subarray(0, 200));
      for (let i = 0; i < 4; i++) {
        garbage[next(Math.min(garbage.length, 16))] = next(256);
      }
      const response = call('thumbnail', garbage.subarray(0, next(garbage.length + 1)));
      assert.match(response.subarray(0, 7).toString(), /^(P6\n|error: )/);
    }
  },

  greet() {
    assert.equal(text('greet', ''), 'Hello, world!');
    assert.equal(text('greet', ' \n ,'), 'Hello, world!');
    assert.equal(text('greet', 'Ada'), 'Hello, Ada!');
    assert.equal(text('greet', 'Ada, Grace'), 'Hello, Ada and Grace!');
    assert.equal(text('greet', ' Zoë\nŁukasz,李雷, 🦀 \r\n'), 'Hello, Zoë, Łukasz, 李雷 and 🦀!');
    assert.equal(text('greet', 'x'.repeat(100_000)).length, 100_008);
    const next = random(5);
    for (let round = 0; round < 2000; round++) {
      const response = call('greet', randomBytes(next, next(200)));
      assert.ok(new TextDecoder('utf-8', { fatal: true }).decode(response).startsWith('Hello, '));
    }
  },

  cached() {
    const store = new Map();
    const live = new Map();
    const variables = new Map();
    const lines = [];
    let now = 1_000_000_000n * 1_700_000_000n;
    let origin = () => -9;
    const offer = (guest) => {
      const bytes = (at, length) => Buffer.from(new Uint8Array(guest.memory.buffer, at, length));
      const utf8 = (at, length) => new TextDecoder('utf-8', { fatal: true }).decode(bytes(at, length));
      const give = (value, out, outLength) => (live.set(giver(guest)(value, out, outLength), value.length), 0);
      return {
        log: (level, at, length) => (lines.push(`${level} ${utf8(at, length)}`), 0),
        clock_now: (out) => (new DataView(guest.memory.buffer).setBigInt64(out, now, true), 0),
        env_get: (at, length, ...out) =>
          variables.has(utf8(at, length)) ? give(Buffer.from(variables.get(utf8(at, length))), ...out) : 1,
        kv_get: (at, length, ...out) => (store.has(utf8(at, length)) ? give(store.get(utf8(at, length)), ...out) : 1),
        kv_set: (at, length, value, valueLength) => (store.set(utf8(at, length), bytes(value, valueLength)), 0),
        http_fetch: (at, length, body, bodyLength, ...out) => {
          assert.equal(bodyLength, 0);
          const answer = origin(JSON.parse(utf8(at, length)));
          return typeof answer === 'number' ? answer : give(answer, ...out);
        },
        dealloc: (at, size) => {
          assert.equal(live.get(at), size, 'a block is given back that was not given');
          live.delete(at);
          return 0;
        },
      };
    };
    const answered = (status, body) => {
      const head = Buffer.from(JSON.stringify({ status, headers: { 'x-a': '"\\\n\u00e4', 'content-type': 'text/plain' } }));
      const size = Buffer.alloc(4);
      size.writeUInt32LE(head.length);
      return Buffer.concat([size, head, Buffer.from(body)]);
    };
    const ask = (path) => call('cached', path, offer).toString();

    assert.equal(ask('/a'), 'error: the variable ORIGIN is not set');
    variables.set('ORIGIN', 'https://api.test');
    assert.equal(ask('a'), 'error: the payload must be a path, such as /status');
    assert.equal(ask('/a'), 'error: the origin did not answer: result -9');
    const requests = [];
    origin = (request) => (requests.push(request), answered(200, `body ${requests.length} ä`));
    assert.equal(ask('/a"\\\u0001'), 'body 1 ä');
    assert.deepEqual(requests, [{ method: 'GET', url: 'https://api.test/a"\\\u0001', headers: {} }]);
    assert.equal(ask('/a"\\\u0001'), 'body 1 ä');
    now += 59_999_999_999n;
    assert.equal(ask('/a"\\\u0001'), 'body 1 ä');
    now += 1n;
    assert.equal(ask('/a"\\\u0001'), 'body 2 ä');
    now += 60_000_000_000n;
    origin = () => answered(503, 'busy');
    assert.equal(ask('/a"\\\u0001'), 'body 2 ä', 'what is kept is better than nothing');
    assert.equal(ask('/b'), 'error: the origin did not answer: status 503');
    variables.set('MAX_AGE_SECONDS', '0');
    origin = () => answered(200, '');
    assert.equal(ask('/a"\\\u0001'), '');
    assert.ok(lines.includes('3 https://api.test/b: status 503'));
    live.delete(0);
    assert.equal(live.size, 0, 'a block is never given back');
  },

  checksum() {
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926);
    const next = random(6);
    for (const length of [...Array(200).keys(), 1000, 65_535, 65_536, 1_000_000]) {
      const payload = randomBytes(next, length);
      const sha = createHash('sha256').update(payload).digest('hex');
      const crc = crc32(payload).toString(16).padStart(8, '0');
      assert.equal(text('checksum', payload), `sha256 ${sha}\ncrc32 ${crc}\n`);
    }
  },

  trap() {
    assert.equal(text('trap', '#1'), 'no order');
    assert.throws(() => call('trap', '12'), (error) => {
      assert.ok(error instanceof WebAssembly.RuntimeError);
      assert.match(error.stack, /load_price[^]*find_item[^]*parse_order[^]*handle/);
      return true;
    });
  },

  process_order: () => checkProcessOrder('process_order'),

  process_order_as: () => checkProcessOrder('process_order_as'),

  validate_order() {
    checkValidateOrder('validate_order');

    // What is no JSON is not read beyond its end either.
    const next = random(7);
    const whole = Buffer.from('{"new":{"total":10,"a":["\\"",{}],"placed":null},"at":"x"}');
    for (let round = 0; round < 5000; round++) {
      const garbage = Buffer.from(whole);
      for (let i = 0; i < 3; i++) {
        garbage[next(garbage.length)] = '{}[]",:\\ n-1'.charCodeAt(next(12));
      }
      assert.match(text('validate_order', garbage.subarray(0, next(garbage.length + 1))), /^\{"allow":/);
    }
  },

  validate_order_as: () => checkValidateOrder('validate_order_as'),

  order_totals() {
    checkOrderTotals('order_totals');

    const next = random(9);
    const whole = Buffer.from('{"events":[{"before":{"customer":"a","total":1},"after":{"customer":"b","total":-2}},{"before":null,"after":null}]}');
    for (let round = 0; round < 5000; round++) {
      const garbage = Buffer.from(whole);
      for (let i = 0; i < 3; i++) {
        garbage[next(garbage.length)] = '{}[]",:\\ n-1'.charCodeAt(next(12));
      }
      assert.match(text('order_totals', garbage.subarray(0, next(garbage.length + 1))), /^\[/);
    }
  },

  order_totals_as: () => checkOrderTotals('order_totals_as'),

  add() {
    const { add, fib } = new WebAssembly.Instance(load('add')).exports;
    assert.equal(add(2, 40), 42);
    assert.equal(add(0x7fffffff, 1), -0x80000000);
    assert.equal(fib(20), 6765);
  },
};

for (const [name, check] of Object.entries(checks)) {
  check();
  console.log(`${name}: ok`);
}
