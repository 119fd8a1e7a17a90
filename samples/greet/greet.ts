// greet: reads names separated by commas or line ends and greets them all; nobody named, the world is greeted.

import { payloadText, respondText } from "../sdk/assemblyscript/heliosdb";

export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";

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

export function handle(ptr: i32, len: i32): i64 {
  return respondText("Hello, " + joinNames(readNames(payloadText(ptr, len))) + "!");
}
