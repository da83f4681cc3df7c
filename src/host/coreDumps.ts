import { loadedLibrary } from "./libc.ts";

/**
 * Lets the system write no image of this process, and of those that it starts, to a disk when they crash. For processes that have
 * secrets in memory; only on Linux, elsewhere it does nothing.
 */
export async function forbidCoreDumps(): Promise<void> {
  const library = process.platform === "linux" ? loadedLibrary() : undefined;
  if (library === undefined) return;
  try {
    const { dlopen, FFIType } = await import("bun:ffi");
    const { i32, ptr } = FFIType;
    const { symbols, close } = dlopen(library, { setrlimit: { args: [i32, ptr], returns: i32 } });
    // The soft and the hard limit, 64 bits each (setrlimit(2)).
    symbols.setrlimit(coreSize, new Uint8Array(16));
    close();
  } catch {
    // A C library without it; the limit of the caller stays.
  }
}

/** RLIMIT_CORE. */
const coreSize = 4;
