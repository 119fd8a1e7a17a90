// cached: answers with what an origin has under a path, and keeps it for a while. The payload is the path.
//
// Variables of the registration: ORIGIN, such as https://api.example.com, which allowedHosts must include, and MAX_AGE_SECONDS,
// 60 if it is not set. Capabilities: clock, env, http.outbound, kv.read, kv.write, log.

import { clock, env, http, kv, lastResult, log, payloadText, respondBytes, respondText } from "../sdk/assemblyscript/heliosdb";

export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";

/** A value starts with the nanosecond when it was stored. */
const STAMP_BYTES: i32 = 8;

export function handle(ptr: i32, len: i32): i64 {
  const path = payloadText(ptr, len);
  const origin = env.get("ORIGIN");
  if (!origin) {
    return respondText("error: the variable ORIGIN is not set");
  }

  if (!path.startsWith("/")) {
    return respondText("error: the payload must be a path, such as /status");
  }

  const kept = kv.get(path);
  if (kept && isFresh(kept)) {
    log.debug(path + " is fresh");
    return respondBytes(kept.slice(STAMP_BYTES));
  }

  const response = http.get(origin + path);
  if (response && response.status == 200) {
    keep(path, response.body);
    return respondBytes(response.body);
  }

  const trouble = response ? "status " + response.status.toString() : "result " + lastResult().toString();
  log.warn(origin + path + ": " + trouble);
  return kept ? respondBytes(kept.slice(STAMP_BYTES)) : respondText("error: the origin did not answer: " + trouble);
}

function isFresh(kept: ArrayBuffer): bool {
  const maxAge = env.get("MAX_AGE_SECONDS");
  const seconds = maxAge ? I64.parseInt(maxAge) : 60;
  return clock.now() - load<i64>(changetype<usize>(kept)) < seconds * 1_000_000_000;
}

function keep(path: string, body: ArrayBuffer): void {
  const value = new ArrayBuffer(STAMP_BYTES + body.byteLength);
  store<i64>(changetype<usize>(value), clock.now());
  memory.copy(changetype<usize>(value) + STAMP_BYTES, changetype<usize>(body), body.byteLength);
  if (kv.set(path, value)) {
    log.info(path + " is kept, " + body.byteLength.toString() + " bytes");
  } else {
    log.warn(path + " could not be kept: result " + lastResult().toString());
  }
}
