// order_totals_as: the pipeline's function order_totals in AssemblyScript. Of each customer it says by how many orders, and by how much of
// their total, there are more now: a table that adds them up is right when each change has come once.

import { payloadText, respondText } from "../sdk/assemblyscript/heliosdb";
import { JsonReader } from "../sdk/assemblyscript/json";

export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";

class Sum {
  orders: i64 = 0;
  total: i64 = 0;
}

/** A number without fraction and exponent of at most 18 digits; 0 for anything else. */
function integer(json: string): i64 {
  const first = json.startsWith("-") ? 1 : 0;
  for (let i = first; i < json.length; i++) {
    if (json.charCodeAt(i) < 0x30 || json.charCodeAt(i) > 0x39) {
      return 0;
    }
  }

  return json.length > first && json.length - first <= 18 ? I64.parseInt(json) : 0;
}

function add(sums: Map<string, Sum>, change: Map<string, string>, name: string, sign: i64): void {
  if (!change.has(name)) {
    return;
  }

  const row = new JsonReader(change.get(name)).readMembers();
  const customer = row.has("customer") ? row.get("customer") : "";
  if (!customer.startsWith('"')) {
    return;
  }

  const sum = sums.has(customer) ? sums.get(customer) : new Sum();
  sum.orders += sign;
  sum.total += row.has("total") ? sign * integer(row.get("total")) : 0;
  sums.set(customer, sum);
}

export function handle(ptr: i32, len: i32): i64 {
  const payload = new JsonReader(payloadText(ptr, len)).readMembers();
  const changes = payload.has("events") ? new JsonReader(payload.get("events")).readValues() : [];
  const sums = new Map<string, Sum>();
  for (let i = 0; i < changes.length; i++) {
    const change = new JsonReader(changes[i]).readMembers();
    add(sums, change, "before", -1);
    add(sums, change, "after", 1);
  }

  const records: string[] = [];
  const customers = sums.keys();
  for (let i = 0; i < customers.length; i++) {
    const sum = sums.get(customers[i]);
    if (sum.orders != 0 || sum.total != 0) {
      records.push(`{"add":{"customer":${customers[i]},"orders":${sum.orders},"total":${sum.total}}}`);
    }
  }

  return respondText("[" + records.join(",") + "]");
}
