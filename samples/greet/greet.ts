// greet: reads names separated by commas or line ends and greets them all; nobody named, the world is greeted.
//
// Built with the minimal runtime: every call gets a fresh instance, so nothing is ever collected.

/** The most that heap.alloc takes; asked for more, it aborts. */
const MAX_ALLOCATION: i32 = (1 << 30) - 16;

/** The host calls this to place a payload; 0 when it is too large. Traps when linear memory may not grow so far. */
export function __wasm_allocate(size: i32): i32 {
  return size < 0 || size > MAX_ALLOCATION ? 0 : i32(heap.alloc(usize(size)));
}

/** The host calls this to give back a payload or a response it has read. */
export function __wasm_deallocate(ptr: i32, size: i32): void {
  if (ptr != 0) {
    heap.free(usize(ptr));
  }
}

function readNames(text: string): string[] {
  const names: string[] = [];
  const parts = text.replaceAll("\n", ",").split(",");
  for (let i = 0; i < parts.length; i++) {
    const name = parts[i].trim();
    if (name.length > 0) {
      names.push(name);
    }
  }

  return names;
}

function joinNames(names: string[]): string {
  if (names.length == 0) {
    return "world";
  }

  if (names.length == 1) {
    return names[0];
  }

  return names.slice(0, names.length - 1).join(", ") + " and " + names[names.length - 1];
}

function respond(text: string): i64 {
  // REPLACE turns a lone surrogate, which bytes that are not UTF-8 can leave behind, into U+FFFD.
  const length = String.UTF8.byteLength(text);
  const response = heap.alloc(usize(length));
  const written = String.UTF8.encodeUnsafe(
    changetype<usize>(text),
    text.length,
    response,
    false,
    String.UTF8.ErrorMode.REPLACE,
  );
  return (i64(response) << 32) | i64(written);
}

export function handle(ptr: i32, len: i32): i64 {
  const text = len > 0 ? String.UTF8.decodeUnsafe(usize(ptr), usize(len)) : "";
  return respond("Hello, " + joinNames(readNames(text)) + "!");
}
