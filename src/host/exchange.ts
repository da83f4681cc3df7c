import type { PathLike } from "node:fs";
import { loadedLibrary } from "./libc.ts";

/**
 * Exchanges two paths in one step, so that there is always something at both; false where that is not possible, as on macOS or
 * some network file systems, and nothing has changed.
 */
export async function exchange(one: PathLike, other: PathLike): Promise<boolean> {
  const number = process.platform === "linux" ? numbers[process.arch] : undefined;
  const library = loadedLibrary();
  if (number === undefined || library === undefined) return false;
  try {
    const { dlopen, FFIType } = await import("bun:ffi");
    const { i32, i64, ptr, u32 } = FFIType;
    const { symbols, close } = dlopen(library, {
      syscall: { args: [i64, i32, ptr, i32, ptr, u32], returns: i64 },
    });
    const result = symbols.syscall(
      number,
      inWorkingDirectory,
      pathText(one),
      inWorkingDirectory,
      pathText(other),
      both,
    );
    close();
    return Number(result) === 0;
  } catch {
    return false;
  }
}

/** The number of renameat2(2), which no function of node makes. */
const numbers: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };

/** AT_FDCWD and RENAME_EXCHANGE. */
const inWorkingDirectory = -100;
const both = 2;

function pathText(path: PathLike): Buffer {
  return Buffer.concat([Buffer.from(String(path)), Buffer.alloc(1)]);
}
