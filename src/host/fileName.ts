// A name on Linux is bytes. Here it is text, in which each byte that is not UTF-8 is a lone surrogate (U+DC80 to U+DCFF), as
// Python has it (PEP 383): ordinary names are what they look like, and no two names are the same text.

/** A name as functions of the system take it; bytes for one that is not UTF-8. */
export type EntryName = string | Buffer;

/** Returns the name, or path, with these bytes. */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString();
  return text.includes("\uFFFD") ? decodeCarefully(bytes) : text;
}

function decodeCarefully(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const part = bytes.subarray(at, at + sequenceLength(first));
    const decoded = part.toString();
    const isValid = Buffer.from(decoded).equals(part);
    text += isValid ? decoded : String.fromCharCode(0xdc00 + first);
    at += isValid ? part.length : 1;
  }
  return text;
}

/** The length of the UTF-8 sequence that begins with the byte. */
function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/** Returns the bytes of a name or path. */
export function encodeName(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name);
  const parts = [...name].map((character) => {
    const code = character.charCodeAt(0);
    const isByte = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    return isByte ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}

/** Returns the folder, `.` for none, and the name of a relative path. Bun's own functions spoil names that are not UTF-8. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const end = path.lastIndexOf("/");
  return { folder: end < 0 ? "." : path.slice(0, end), name: path.slice(end + 1) };
}

/** Returns the name as functions of an open folder take it. */
export function entryNameOf(name: string): EntryName {
  return name.isWellFormed() ? name : encodeName(name);
}
