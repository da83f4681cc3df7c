import { isUtf8 } from "node:buffer";

/** A piece of output as JSON can have it: text, or base64 where the bytes are not UTF-8. */
export type OutputPiece = { readonly text: string } | { readonly base64: string };

/**
 * Returns what turns a stream of bytes into pieces that are the same bytes, without cutting a character: one that a chunk
 * ends within is held back for the next, or for the end.
 */
export function outputPieces() {
  let kept = Buffer.alloc(0);
  return {
    pass: (chunk: Buffer): OutputPiece | undefined => {
      const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const open = unfinishedEnd(bytes);
      kept = Buffer.from(bytes.subarray(open));
      return pieceOf(bytes.subarray(0, open));
    },
    end: (): OutputPiece | undefined => {
      const rest = pieceOf(kept);
      kept = Buffer.alloc(0);
      return rest;
    },
  };
}

function pieceOf(bytes: Buffer): OutputPiece | undefined {
  if (bytes.length === 0) return undefined;
  return isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString("base64") };
}

/** Where a character begins that the bytes end within (RFC 3629: at most 4 bytes); the length when they do not. */
function unfinishedEnd(bytes: Buffer): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 3); at--) {
    const byte = bytes[at] ?? 0;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (!isContinuation) return at + utf8Length(byte) > bytes.length ? at : bytes.length;
  }
  return bytes.length;
}

/** How many bytes a character has that begins with this one. */
function utf8Length(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
