import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import type { BuildContext } from "../../src/image/buildContext.ts";

/** A file, a folder or a link of a generated tree. */
export type Leaf =
  | { readonly kind: "file"; readonly content: string; readonly mode: number }
  | { readonly kind: "directory"; readonly mode: number }
  | { readonly kind: "link"; readonly target: string };

/** By path; folders above a leaf are made as well. */
export type Tree = Readonly<Record<string, Leaf>>;

const strange = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=%^ \n\r\t-.,:@"),
      fc.constantFrom("ä", "€", "😀", "a"),
    ),
  })
  .filter((name) => name !== "." && name !== ".." && name.length < 40);

/** Any name that a file can have and that is text. */
export const anyName = fc
  .oneof(
    strange,
    fc.constantFrom(
      "-n",
      "--help",
      "-",
      "~",
      " ",
      "\n",
      "a\n",
      "\\",
      "'",
      '"',
      "$HOME",
      "$(id)",
      "a b",
      `${"x".repeat(180)}ä`,
    ),
  )
  .filter((name) => name !== "");

/** Trees of up to three levels with any names in them. */
export function treeOf(name: fc.Arbitrary<string>): fc.Arbitrary<Tree> {
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const leaf: fc.Arbitrary<Leaf> = fc.oneof(
    fc.record({
      kind: fc.constant("file" as const),
      content: fc.oneof(fc.constant(""), fc.string({ maxLength: 2000 })),
      mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4755, 0o664),
    }),
    fc.record({ kind: fc.constant("directory" as const), mode: fc.constantFrom(0o755, 0o700, 0o1777) }),
    fc.record({ kind: fc.constant("link" as const), target: fc.oneof(name, path, fc.constant("../-x")) }),
  );
  return fc.dictionary(path, leaf, { maxKeys: 8 });
}

/** Puts the tree into a folder; a leaf whose place is taken by another is left out. */
export function writeTree(folder: string, tree: Tree): void {
  for (const [path, leaf] of Object.entries(tree)) {
    const place = join(folder, path);
    try {
      mkdirSync(dirname(place), { recursive: true });
      if (leaf.kind === "link") symlinkSync(leaf.target, place);
      else if (leaf.kind === "file") writeFileSync(place, leaf.content, { flag: "wx" });
      else mkdirSync(place);
    } catch {
      continue;
    }
    if (leaf.kind !== "link") chmodSync(place, leaf.mode);
  }
}

/** All that is below a folder, each in one line: path, then what counts of it. */
export function linesOf(folder: string): readonly string[] {
  const lines: string[] = [];
  const walk = (above: string): void => {
    for (const name of readdirSync(join(folder, above))) {
      const path = above === "" ? name : `${above}/${name}`;
      const status = lstatSync(join(folder, path));
      const mode = (status.mode & 0o7777).toString(8).padStart(4, "0");
      if (status.isSymbolicLink()) lines.push(`${path} -> ${readlinkSync(join(folder, path))}`);
      else if (status.isDirectory()) lines.push(`${path} ${mode} directory`);
      else lines.push(`${path} ${mode} ${sha256(readFileSync(join(folder, path)))}`);
      if (status.isDirectory()) walk(path);
    }
  };
  walk("");
  return lines.sort();
}

/** The same of a build context. */
export function contextLines({ entries }: BuildContext): readonly string[] {
  const lines = entries.map((entry) => {
    if (entry.kind === "link") return `${entry.path} -> ${entry.target}`;
    const mode = entry.mode.toString(8).padStart(4, "0");
    return `${entry.path} ${mode} ${entry.kind === "file" ? entry.digest : "directory"}`;
  });
  return lines.sort();
}

function sha256(content: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex");
}
