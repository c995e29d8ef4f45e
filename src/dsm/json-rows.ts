/** Where the rows of a list are in the bytes of a JSON text. */
export interface RowPositions {
  /** Of the first byte within the brackets of the list. */
  readonly from: number;
  /** Of its closing bracket. */
  readonly to: number;
  /** Of the opening brace of each row, and of the byte after its closing one. */
  readonly rows: readonly { readonly start: number; readonly end: number }[];
}

/** What precedes the data of a response. */
const DATA = '"data":';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Finds the rows of the list `data.<name>` of a response. Bytes of JSON's structure never occur within other characters of UTF-8.
 * @param bytes of a JSON text without white space outside its texts, as DSM writes it
 * @returns null for any other text, such as one with a row that is no object: it has to be parsed as a whole
 */
export function findRows(bytes: Buffer, name: string): RowPositions | null {
  const opening = Buffer.from(`"${name}":[`);
  const found = bytes.indexOf(opening);
  // Quotes in texts are escaped, so only another list of this name looks the same.
  if (found < 0 || bytes.includes(opening, found + 1) || !isWithinData(bytes, found)) return null;
  const from = found + opening.length;
  const rows: { start: number; end: number }[] = [];
  for (let at = from; ; at += 1) {
    if (rows.length === 0 && bytes[at] === CLOSING_BRACKET) return { from, to: at, rows };
    const end = endOfRow(bytes, at);
    if (end === null) return null;
    rows.push({ start: at, end });
    at = end;
    if (bytes[at] === CLOSING_BRACKET) return { from, to: at, rows };
    if (bytes[at] !== COMMA) return null;
  }
}

/** Whether a position is a name of the response's `data`: two braces are open before it, and `"data":` precedes the second. */
function isWithinData(bytes: Buffer, position: number): boolean {
  const open: number[] = [];
  for (let at = 0; at < position; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, at) - 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) open.push(at);
    else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) open.pop();
  }
  const [root, data, ...more] = open;
  return (
    root === 0 && data !== undefined && more.length === 0 && bytes.toString('latin1', data - DATA.length, data) === DATA
  );
}

/** @returns the position after an object; null if none begins there, or it does not end */
function endOfRow(bytes: Buffer, start: number): number | null {
  if (bytes[start] !== OPENING_BRACE) return null;
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, at) - 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) depth += 1;
    else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

/** @param start of a text: its opening quote @returns the position after its closing one, or the length of the bytes */
function endOfText(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return bytes.length;
}
