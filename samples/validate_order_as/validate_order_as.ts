// validate_order_as: the trigger's function validate_order in AssemblyScript. It refuses a total below zero and says when an order was
// placed that does not say it.

import { payloadText, respondText } from "../sdk/assemblyscript/heliosdb";
import { JsonReader } from "../sdk/assemblyscript/json";

export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";

function isSet(members: Map<string, string>, name: string): bool {
  return members.has(name) && members.get(name) != "null";
}

export function handle(ptr: i32, len: i32): i64 {
  const change = new JsonReader(payloadText(ptr, len)).readMembers();
  const order = isSet(change, "new") ? new JsonReader(change.get("new")).readMembers() : new Map<string, string>();
  if (isSet(order, "total") && order.get("total").startsWith("-")) {
    return respondText('{"allow":false,"reason":"the total is negative"}');
  }

  return respondText(isSet(order, "placed") ? '{"allow":true}' : `{"allow":true,"new":{"placed":${change.get("at")}}}`);
}
