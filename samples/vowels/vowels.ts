// vowels: counts the vowels of its input and, in a variable, those of all its calls. A plug-in for the guest ABI extism, written
// with Extism's own kit for AssemblyScript.
import { Config, Host, Var } from "@extism/as-pdk";

/** Which letters count, unless the registration's configuration names others. */
const VOWELS = "aeiouAEIOU";

export function count_vowels(): i32 {
  const vowels = Config.get("vowels");
  const counted = vowels === null ? VOWELS : vowels;
  const text = Host.inputString();
  let count: i32 = 0;
  for (let i = 0; i < text.length; i++) {
    if (counted.includes(text.charAt(i))) {
      count++;
    }
  }

  const before = Var.getString("total");
  const total = (before === null ? 0 : I64.parseInt(before)) + count;
  Var.set("total", Uint8Array.wrap(String.UTF8.encode(total.toString())));
  Host.outputString('{"count":' + count.toString() + ',"total":' + total.toString() + "}");
  return 0;
}
