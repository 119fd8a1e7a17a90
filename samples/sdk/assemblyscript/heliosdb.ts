// heliosdb.ts: write a HeliosEdge function in AssemblyScript. docs/guest-abi.md is the specification of what is wrapped here.
//
// A module exports its entry and hands on the two exports that the guest ABI `helios-1` asks for:
//
//     import { payloadText, respondText } from "../sdk/assemblyscript/heliosdb";
//     export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";
//
//     export function handle(ptr: i32, len: i32): i64 {
//       return respondText("Hello, " + payloadText(ptr, len) + "!");
//     }
//
// A module imports only those host functions that it calls, and a registration has to grant no more than that. Build it with
// `asc --runtime stub --use abort=`: every call gets a fresh instance, so nothing is ever collected.

import { JsonReader, quote } from "./json";

@external("heliosdb", "log") declare function hostLog(level: i32, text: usize, length: i32): i32;
@external("heliosdb", "clock_now") declare function hostClockNow(out: usize): i32;
@external("heliosdb", "random_get") declare function hostRandomGet(bytes: usize, length: i32): i32;
@external("heliosdb", "env_get") declare function hostEnvGet(name: usize, nameLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "kv_get") declare function hostKvGet(key: usize, keyLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "kv_list_after") declare function hostKvListAfter(
  prefix: usize, prefixLength: i32, after: usize, afterLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "kv_set") declare function hostKvSet(key: usize, keyLength: i32, value: usize, valueLength: i32): i32;
@external("heliosdb", "kv_delete") declare function hostKvDelete(key: usize, keyLength: i32): i32;
@external("heliosdb", "db_query") declare function hostDbQuery(
  sql: usize, sqlLength: i32, parameters: usize, parametersLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "db_execute") declare function hostDbExecute(
  sql: usize, sqlLength: i32, parameters: usize, parametersLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "db_query_on") declare function hostDbQueryOn(
  database: usize, databaseLength: i32, sql: usize, sqlLength: i32, parameters: usize, parametersLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "db_execute_on") declare function hostDbExecuteOn(
  database: usize, databaseLength: i32, sql: usize, sqlLength: i32, parameters: usize, parametersLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "db_last_error") declare function hostDbLastError(out: usize, outLength: usize): i32;
@external("heliosdb", "proc_call") declare function hostProcCall(
  name: usize, nameLength: i32, args: usize, argsLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "proc_fail") declare function hostProcFail(reason: usize, length: i32): i32;
@external("heliosdb", "http_fetch") declare function hostHttpFetch(
  request: usize, requestLength: i32, body: usize, bodyLength: i32, out: usize, outLength: usize): i32;
@external("heliosdb", "dealloc") declare function hostDealloc(block: usize, size: i32): i32;

/** What a host function returned. */
export enum Result {
  Success = 0,
  NotFound = 1,
  More = 1,
  NoMemory = -1,
  InvalidPointer = -2,
  InvalidUtf8 = -3,
  TooLong = -4,
  Failed = -5,
  NullOutPointer = -6,
  NullOutLength = -7,
  AllocationFailed = -8,
  Denied = -9,
  Deadline = -10,
  TooManyRequests = -11,
}

let last: Result = Result.Success;

/** What the host function called last returned: why a value is missing. */
export function lastResult(): Result {
  return last;
}

// --- The exports of helios-1 -------------------------------------------------------------------------------------------------

/** The most that heap.alloc takes; asked for more, it aborts. */
const MAX_ALLOCATION: i32 = (1 << 30) - 16;

/** The host calls this to place a payload or a block; 0 when it is too large. Traps when linear memory may not grow so far. */
export function __wasm_allocate(size: i32): i32 {
  return size < 0 || size > MAX_ALLOCATION ? 0 : i32(heap.alloc(usize(size)));
}

/** The host calls this to give back what __wasm_allocate gave out. */
export function __wasm_deallocate(ptr: i32, size: i32): void {
  if (ptr != 0) {
    heap.free(usize(ptr));
  }
}

/** The payload as text; what is no UTF-8 becomes U+FFFD or a lone surrogate. */
export function payloadText(ptr: i32, len: i32): string {
  return len > 0 ? String.UTF8.decodeUnsafe(usize(ptr), usize(len)) : "";
}

/** The payload. */
export function payloadBytes(ptr: i32, len: i32): ArrayBuffer {
  const bytes = new ArrayBuffer(len);
  memory.copy(changetype<usize>(bytes), usize(ptr), usize(len));
  return bytes;
}

/** What an entry returns to answer with a text. */
export function respondText(text: string): i64 {
  return respondBytes(encode(text));
}

/** What an entry returns to answer with bytes. */
export function respondBytes(bytes: ArrayBuffer): i64 {
  return (i64(changetype<usize>(bytes)) << 32) | i64(bytes.byteLength);
}

// --- The host functions ------------------------------------------------------------------------------------------------------

/** Lines of the function's log. Capability: log. */
export namespace log {
  export function trace(text: string): void {
    write(0, text);
  }

  export function debug(text: string): void {
    write(1, text);
  }

  export function info(text: string): void {
    write(2, text);
  }

  export function warn(text: string): void {
    write(3, text);
  }

  export function error(text: string): void {
    write(4, text);
  }

  function write(level: i32, text: string): void {
    const bytes = encode(text);
    last = hostLog(level, changetype<usize>(bytes), bytes.byteLength);
  }
}

/** The time. Capability: clock. */
export namespace clock {
  /** Nanoseconds since 1970-01-01T00:00:00Z; 0 on failure. */
  export function now(): i64 {
    store<i64>(CLOCK, 0);
    last = hostClockNow(CLOCK);
    return load<i64>(CLOCK);
  }
}

/** Random bytes fit for keys. Capability: random. */
export namespace random {
  /** At most 64 KiB; null on failure. */
  export function bytes(length: i32): ArrayBuffer | null {
    const bytes = new ArrayBuffer(length);
    last = hostRandomGet(changetype<usize>(bytes), length);
    return last == Result.Success ? bytes : null;
  }
}

/** The variables of the registration. Capability: env. */
export namespace env {
  /** Null if there is no such variable. */
  export function get(name: string): string | null {
    const bytes = encode(name);
    const value = given(hostEnvGet(changetype<usize>(bytes), bytes.byteLength, OUT, OUT_LENGTH));
    return value ? decode(value) : null;
  }
}

/** The keys of this function in this region. Capabilities: kv.read, kv.write. */
export namespace kv {
  /** Null if there is no such key. */
  export function get(key: string): ArrayBuffer | null {
    const bytes = encode(key);
    return given(hostKvGet(changetype<usize>(bytes), bytes.byteLength, OUT, OUT_LENGTH));
  }

  /** As get, for values that are text. */
  export function getText(key: string): string | null {
    const value = get(key);
    return value ? decode(value) : null;
  }

  /** All keys that start with a prefix, sorted by their bytes; null on failure. */
  export function list(prefix: string): string[] | null {
    let keys: string[] = [];
    let page = listAfter(prefix, "");
    while (page !== null) {
      keys = keys.concat(page);
      if (last != Result.More) {
        return keys;
      }

      page = listAfter(prefix, page[page.length - 1]);
    }

    return null;
  }

  /**
   * Up to 1,000 keys that start with a prefix and are sorted after a key, or "" for the first ones; null on failure.
   * lastResult() is Result.More where there are more of them.
   */
  export function listAfter(prefix: string, after: string): string[] | null {
    const bytes = encode(prefix);
    const start = encode(after);
    const json = given(
      hostKvListAfter(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(start), start.byteLength, OUT, OUT_LENGTH), Result.More);
    return json ? new JsonReader(decode(json)).readStrings() : null;
  }

  /** False on failure. */
  export function set(key: string, value: ArrayBuffer): bool {
    const bytes = encode(key);
    last = hostKvSet(changetype<usize>(bytes), bytes.byteLength, changetype<usize>(value), value.byteLength);
    return last == Result.Success;
  }

  /** As set, for values that are text. */
  export function setText(key: string, value: string): bool {
    return set(key, encode(value));
  }

  /** False if there was no such key, or on failure. */
  export function remove(key: string): bool {
    const bytes = encode(key);
    last = hostKvDelete(changetype<usize>(bytes), bytes.byteLength);
    return last == Result.Success;
  }
}

/** The SQL database of the region. Capabilities: db.query, db.execute. */
export namespace db {
  /** Rows as {"columns": ["a"], "rows": [[1]]}; parameters are a JSON array for ?1, ?2…. Null on failure. */
  export function query(sql: string, parameters: string = ""): string | null {
    const statement = encode(sql);
    const values = encode(parameters);
    const json = given(
      hostDbQuery(
        changetype<usize>(statement), statement.byteLength, changetype<usize>(values), values.byteLength, OUT, OUT_LENGTH));
    return json ? decode(json) : null;
  }

  /** What was done, as {"rowsAffected": 1, "lastInsertId": 7}. Null on failure. */
  export function execute(sql: string, parameters: string = ""): string | null {
    const statement = encode(sql);
    const values = encode(parameters);
    const json = given(
      hostDbExecute(
        changetype<usize>(statement), statement.byteLength, changetype<usize>(values), values.byteLength, OUT, OUT_LENGTH));
    return json ? decode(json) : null;
  }

  /** As query, in a database with a name. Capability: db.query:NAME. */
  export function queryOn(database: string, sql: string, parameters: string = ""): string | null {
    const name = encode(database);
    const statement = encode(sql);
    const values = encode(parameters);
    const json = given(
      hostDbQueryOn(
        changetype<usize>(name), name.byteLength, changetype<usize>(statement), statement.byteLength,
        changetype<usize>(values), values.byteLength, OUT, OUT_LENGTH));
    return json ? decode(json) : null;
  }

  /** As execute, in a database with a name. Capability: db.execute:NAME. */
  export function executeOn(database: string, sql: string, parameters: string = ""): string | null {
    const name = encode(database);
    const statement = encode(sql);
    const values = encode(parameters);
    const json = given(
      hostDbExecuteOn(
        changetype<usize>(name), name.byteLength, changetype<usize>(statement), statement.byteLength,
        changetype<usize>(values), values.byteLength, OUT, OUT_LENGTH));
    return json ? decode(json) : null;
  }

  /** Why the last statement or procedure failed, as {"code": "failed", "sqlstate": "23505", "message": "…"}; "null" where it did not. */
  export function lastError(): string {
    const json = given(hostDbLastError(OUT, OUT_LENGTH));
    return json ? decode(json) : "null";
  }
}

/** Procedures: calls that are transactions. Capability: proc.call. */
export namespace proc {
  /** What a procedure answers, as JSON; parameters are a JSON array. In a procedure it is a part of the same transaction. Null on failure. */
  export function call(name: string, args: string = "[]"): string | null {
    const procedure = encode(name);
    const values = encode(args);
    const json = given(
      hostProcCall(
        changetype<usize>(procedure), procedure.byteLength, changetype<usize>(values), values.byteLength, OUT, OUT_LENGTH));
    return json ? decode(json) : null;
  }

  /** Ends the call with procedure_failed and a reason; its transaction is rolled back. */
  export function fail(reason: string): void {
    const text = encode(reason);
    hostProcFail(changetype<usize>(text), text.byteLength);
    unreachable();
  }
}

/** A request to send. */
export class HttpRequest {
  headers: Map<string, string> = new Map<string, string>();
  body: ArrayBuffer = new ArrayBuffer(0);

  constructor(
    public url: string,
    public method: string = "GET",
  ) {}
}

/** What a server answered. */
export class HttpResponse {
  constructor(
    public status: i32,
    /** Names are in lower case. */
    public headers: Map<string, string>,
    public body: ArrayBuffer,
  ) {}

  text(): string {
    return decode(this.body);
  }
}

/** HTTP to the hosts that the registration allows. Capability: http.outbound. */
export namespace http {
  /** Null if there was no response: denied, failed, too large. Any status is a response. */
  export function fetch(request: HttpRequest): HttpResponse | null {
    const head = encode(headOf(request));
    const answer = given(
      hostHttpFetch(
        changetype<usize>(head), head.byteLength, changetype<usize>(request.body), request.body.byteLength, OUT, OUT_LENGTH));
    return answer ? responseOf(answer) : null;
  }

  /** As fetch, for a request that is no more than a URL. */
  export function get(url: string): HttpResponse | null {
    return fetch(new HttpRequest(url));
  }

  function headOf(request: HttpRequest): string {
    let json = '{"method":' + quote(request.method) + ',"url":' + quote(request.url) + ',"headers":{';
    const names = request.headers.keys();
    for (let i = 0; i < names.length; i++) {
      json += (i > 0 ? "," : "") + quote(names[i]) + ":" + quote(request.headers.get(names[i]));
    }

    return json + "}}";
  }

  function responseOf(answer: ArrayBuffer): HttpResponse {
    const head = load<u32>(changetype<usize>(answer));
    const reader = new JsonReader(decode(answer.slice(4, 4 + head)));
    let status = 0;
    let headers = new Map<string, string>();
    reader.skip("{");
    while (!reader.skip("}")) {
      const member = reader.readString();
      reader.skip(":");
      if (member == "status") {
        status = reader.readInteger();
      } else {
        headers = reader.readMap();
      }

      reader.skip(",");
    }

    return new HttpResponse(status, headers, answer.slice(4 + head));
  }
}

// --- Bytes and text ----------------------------------------------------------------------------------------------------------

/** Text as UTF-8; a lone surrogate becomes U+FFFD. */
export function encode(text: string): ArrayBuffer {
  return String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
}

/** UTF-8 as text. */
export function decode(bytes: ArrayBuffer): string {
  return String.UTF8.decode(bytes);
}

// Where host functions write the address and the length of what they give, and the time.
const OUT: usize = memory.data(4, 4);
const OUT_LENGTH: usize = memory.data(4, 4);
const CLOCK: usize = memory.data(8, 8);

/** Takes what a host function gave out of its block, and gives the block back. */
function given(result: i32, alsoGood: i32 = Result.Success): ArrayBuffer | null {
  last = result;
  if (result != Result.Success && result != alsoGood) {
    return null;
  }

  const at = load<u32>(OUT);
  const length = load<u32>(OUT_LENGTH);
  const bytes = new ArrayBuffer(length);
  memory.copy(changetype<usize>(bytes), at, length);
  if (at != 0) {
    hostDealloc(at, length);
  }

  return bytes;
}
