/**
 * Returns whether a path is one of those, or below one. Names that a file system may take for the same, in another case or with
 * invisible characters (git's CVE-2014-9390), count as the same.
 */
export function stayingPaths(paths: readonly string[]): (path: string) => boolean {
  const folded = paths.map(fold);
  return (path) => {
    const name = fold(path);
    return folded.some((stays) => name === stays || name.startsWith(`${stays}/`));
  };
}

function fold(path: string): string {
  return path.replaceAll(ignored, "").normalize("NFKC").toLowerCase();
}

const ignored = /\p{Default_Ignorable_Code_Point}/gu;
