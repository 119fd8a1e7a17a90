// The little JSON that host functions take and give: strings, numbers, arrays and objects. A value can stay the text that it is.

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;

/** A string as JSON. */
export function quote(text: string): string {
  let json = '"';
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c == QUOTE || c == BACKSLASH) {
      json += "\\" + String.fromCharCode(c);
    } else if (c < 0x20) {
      json += c < 0x10 ? "\\u000" + c.toString(16) : "\\u00" + c.toString(16);
    } else {
      json += String.fromCharCode(c);
    }
  }

  return json + '"';
}

/** Reads what the host wrote, which is well formed. */
export class JsonReader {
  private at: i32 = 0;

  constructor(private text: string) {}

  /** Skips one of the characters [ ] { } : , if it is the next. */
  skip(character: string): bool {
    this.skipSpace();
    if (this.at < this.text.length && this.text.charCodeAt(this.at) == character.charCodeAt(0)) {
      this.at++;
      return true;
    }

    return false;
  }

  readInteger(): i32 {
    this.skipSpace();
    const start = this.at;
    while (this.at < this.text.length && isNumeric(this.text.charCodeAt(this.at))) {
      this.at++;
    }

    return I32.parseInt(this.text.substring(start, this.at));
  }

  readString(): string {
    this.skipSpace();
    let value = "";
    let from = ++this.at;
    while (this.at < this.text.length && this.text.charCodeAt(this.at) != QUOTE) {
      if (this.text.charCodeAt(this.at) == BACKSLASH) {
        value += this.text.substring(from, this.at) + this.readEscape();
        from = this.at;
      } else {
        this.at++;
      }
    }

    return value + this.text.substring(from, this.at++);
  }

  readStrings(): string[] {
    const values: string[] = [];
    this.skip("[");
    while (!this.skip("]") && this.at < this.text.length) {
      values.push(this.readString());
      this.skip(",");
    }

    return values;
  }

  readMap(): Map<string, string> {
    const map = new Map<string, string>();
    this.skip("{");
    while (!this.skip("}") && this.at < this.text.length) {
      const name = this.readString();
      this.skip(":");
      map.set(name, this.readString());
      this.skip(",");
    }

    return map;
  }

  /** Any value, as its text. */
  readValue(): string {
    this.skipSpace();
    const start = this.at;
    let depth = 0;
    while (this.at < this.text.length) {
      const c = this.text.charCodeAt(this.at);
      const opens = c == 0x5b || c == 0x7b;
      const closes = c == 0x5d || c == 0x7d;
      if (depth == 0 && (closes || c == 0x2c || c == 0x3a || c <= 0x20)) {
        break;
      }

      if (c == QUOTE) {
        this.readString();
      } else {
        depth += i32(opens) - i32(closes);
        this.at++;
      }

      if (depth == 0 && (c == QUOTE || closes)) {
        break;
      }
    }

    return this.text.substring(start, this.at);
  }

  /** The elements of an array, each as its text. */
  readValues(): string[] {
    const values: string[] = [];
    this.skip("[");
    while (!this.skip("]") && this.at < this.text.length) {
      values.push(this.readValue());
      this.skip(",");
    }

    return values;
  }

  /** The members of an object, each value as its text. */
  readMembers(): Map<string, string> {
    const members = new Map<string, string>();
    this.skip("{");
    while (!this.skip("}") && this.at < this.text.length) {
      const name = this.readString();
      this.skip(":");
      members.set(name, this.readValue());
      this.skip(",");
    }

    return members;
  }

  private readEscape(): string {
    const c = this.text.charCodeAt(this.at + 1);
    if (c == 0x75) {
      const code = I32.parseInt(this.text.substring(this.at + 2, this.at + 6), 16);
      this.at += 6;
      return String.fromCharCode(code);
    }

    this.at += 2;
    return c == 0x6e ? "\n" : c == 0x74 ? "\t" : c == 0x72 ? "\r" : c == 0x62 ? "\b" : c == 0x66 ? "\f" : String.fromCharCode(c);
  }

  private skipSpace(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 0x20) {
      this.at++;
    }
  }
}

function isNumeric(c: i32): bool {
  return (c >= 0x30 && c <= 0x39) || c == 0x2d;
}
