import { largestText, readText } from "./read.ts";

/** The C library that this process has loaded, by its absolute path: a name would be looked up in the working directory too. */
export function loadedLibrary(): string | undefined {
  const maps = readText("/proc/self/maps", largestText) ?? "";
  return /\s(\/\S*\/(?:libc\.so\.6|libc-[\d.]+\.so|ld-musl-\w+\.so\.1|libc\.musl-\w+\.so\.1))$/m.exec(
    maps,
  )?.[1];
}
