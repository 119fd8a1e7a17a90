// process_order_as: the procedure process_order in AssemblyScript. It takes an order in if there is enough of everything, else nothing
// happens: [{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}] gives {"order": 1, "total": 700}.

import { db, payloadText, proc, respondText } from "../sdk/assemblyscript/heliosdb";
import { JsonReader } from "../sdk/assemblyscript/json";

export { __wasm_allocate, __wasm_deallocate } from "../sdk/assemblyscript/heliosdb";

const MAX_COUNT: i64 = 1_000_000;
const MAX_TOTAL: i64 = 1_000_000_000_000_000;

class Line {
  constructor(
    /** As JSON. */
    public item: string,
    public count: i64,
  ) {}
}

function members(json: string): Map<string, string> {
  return new JsonReader(json.startsWith("{") ? json : "").readMembers();
}

function elements(json: string): string[] {
  return new JsonReader(json.startsWith("[") ? json : "").readValues();
}

function member(object: Map<string, string>, name: string): string {
  return object.has(name) ? object.get(name) : "";
}

function isWhole(json: string): bool {
  for (let i = json.startsWith("-") ? 1 : 0; i < json.length; i++) {
    if (json.charCodeAt(i) < 0x30 || json.charCodeAt(i) > 0x39) {
      return false;
    }
  }

  return json.length > 0 && json.length <= 18;
}

function run(json: string | null): Map<string, string> {
  if (json === null) {
    // The reason is the database's own: a conflict is told to the host anyhow, which runs this again.
    proc.fail(db.lastError());
    return unreachable();
  }

  return members(json);
}

function readLine(json: string): Line {
  const line = members(json);
  const item = member(line, "item");
  const count = member(line, "count");
  const wanted = isWhole(count) ? I64.parseInt(count) : 0;
  if (!item.startsWith('"') || wanted < 1 || wanted > MAX_COUNT) {
    proc.fail('a line is {"item": "tea", "count": 2}, with a count from 1 to ' + MAX_COUNT.toString());
  }

  return new Line(item, wanted);
}

/** Takes what a line wants from the stock and gives what one costs. */
function take(line: Line): i64 {
  const rows = elements(member(run(db.query("SELECT price, count FROM stock WHERE item = ?1", `[${line.item}]`)), "rows"));
  const row = rows.length > 0 ? elements(rows[0]) : ["0", "0"];
  if (!isWhole(row[0]) || !isWhole(row[1])) {
    proc.fail("price and count of the stock must be whole numbers");
  }

  if (I64.parseInt(row[1]) < line.count) {
    proc.fail(`Of ${line.item} there are ${row[1]}, not ${line.count}`);
  }

  run(db.execute("UPDATE stock SET count = count - ?2 WHERE item = ?1", `[${line.item},${line.count}]`));
  return I64.parseInt(row[0]);
}

export function handle(ptr: i32, len: i32): i64 {
  const args = elements(payloadText(ptr, len).trim());
  const order = members(args.length > 0 ? args[0] : "");
  const customer = member(order, "customer");
  const lines = elements(member(order, "lines"));
  if (!customer.startsWith('"') || lines.length == 0) {
    proc.fail('an order is {"customer": "Ada", "lines": [...]} with at least one line');
  }

  let total: i64 = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = readLine(lines[i]);
    const price = take(line);
    if (price < 0 || price > (MAX_TOTAL - total) / line.count) {
      proc.fail("the total must be from 0 to " + MAX_TOTAL.toString());
    }

    total += price * line.count;
  }

  const inserted = run(db.execute("INSERT INTO orders (customer, total) VALUES (?1, ?2)", `[${customer},${total}]`));
  const id = member(inserted, "lastInsertId");
  for (let i = 0; i < lines.length; i++) {
    const line = readLine(lines[i]);
    run(db.execute(
      "INSERT INTO order_lines (order_id, item, count, price) SELECT ?3, item, ?2, price FROM stock WHERE item = ?1",
      `[${line.item},${line.count},${id}]`));
  }

  return respondText(`{"order":${id},"total":${total}}`);
}
