// Calls everything that samples/sdk/assemblyscript offers: the payload is one argument a line, the first names what to call.

import {
  HttpRequest, clock, db, decode, encode, env, http, kv, lastResult, log, payloadBytes, random, respondBytes, respondText,
} from "../../../samples/sdk/assemblyscript/heliosdb";

export { __wasm_allocate, __wasm_deallocate } from "../../../samples/sdk/assemblyscript/heliosdb";

export function handle(ptr: i32, len: i32): i64 {
  const payload = payloadBytes(ptr, len);
  const lines = decode(payload).split("\n");
  const what = lines[0];
  const first = lines.length > 1 ? lines[1] : "";
  const second = lines.length > 2 ? lines[2] : "";
  if (what == "echo") {
    return respondBytes(payload);
  }

  if (what == "log") {
    log.trace(first);
    log.debug(first);
    log.info(first);
    log.warn(first);
    log.error(first);
    return done();
  }

  if (what == "clock") {
    return respondText(clock.now().toString());
  }

  if (what == "random") {
    const bytes = random.bytes(I32.parseInt(first));
    return bytes ? respondBytes(bytes) : done();
  }

  if (what == "env") {
    return orResult(env.get(first));
  }

  if (what == "kv.get") {
    return orResult(kv.getText(first));
  }

  if (what == "kv.set") {
    kv.setText(first, second);
    return done();
  }

  if (what == "kv.remove") {
    return respondText(kv.remove(first) ? "removed" : lastResult().toString());
  }

  if (what == "kv.list") {
    const keys = kv.list(first);
    return keys ? respondText(keys.length.toString() + ":" + keys.join("|")) : done();
  }

  if (what == "db.query") {
    return orResult(db.query(first, second));
  }

  if (what == "db.execute") {
    return orResult(db.execute(first, second));
  }

  if (what == "http") {
    const request = new HttpRequest(first, "POST");
    request.headers.set("x-one", second);
    request.headers.set("x-two", '2 "quoted" \\');
    request.body = encode("body ä");
    const response = http.fetch(request);
    return response
      ? respondText(response.status.toString() + " " + response.headers.get("x-answer") + " " + response.text())
      : done();
  }

  return unreachable();
}

function done(): i64 {
  return respondText(lastResult().toString());
}

function orResult(text: string | null): i64 {
  return text !== null ? respondText(text) : done();
}
