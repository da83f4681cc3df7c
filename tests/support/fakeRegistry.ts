import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { savedImageOf } from "./blockImages.ts";
import { fakeEngine, shell } from "./fakes.ts";
import type { Folder } from "./harness.ts";

/** The digest of the image that a fake registry has by this letter. */
export function digestOf(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

/** An engine whose registry has these images of blocks: by their references, the letter of a digest and the files. */
export async function fakeRegistry(
  folder: Folder,
  images: Readonly<Record<string, readonly [letter: string, files: Readonly<Record<string, string>>]>>,
): Promise<{ readonly engine: Engine; readonly pulled: () => readonly string[] }> {
  const root = join(folder.path, "registry");
  mkdirSync(root);
  const place = (reference: string) => join(root, reference.replaceAll("/", "_"));
  for (const [reference, [letter, files]] of Object.entries(images)) {
    const archive = await savedImageOf([files]);
    const byDigest = `${reference.replace(/:[^:/]*$/, "")}@${digestOf(letter)}`;
    for (const name of [reference, byDigest]) {
      writeFileSync(place(name), archive);
      writeFileSync(`${place(name)}.digest`, digestOf(letter));
    }
  }
  const missing = `{ echo "manifest for $1 not found: manifest unknown" >&2; exit 1; }`;
  const has = `[ -e "$2" ] || ${missing}`;
  const words = (reference: string) => [reference, place(reference), join(folder.path, "pulled")];
  const engine = fakeEngine({
    pullImage: (reference) =>
      shell(`${has}; echo "$1" >>"$3"; echo "Digest: $(cat "$2.digest")"`, ...words(reference)),
    inspectImage: (format, [reference = ""]) =>
      shell(
        `${has}; case $4 in *Id*) echo id ;; *Size*) wc -c <"$2" ;; *) echo "[\\"r@$(cat "$2.digest")\\"]" ;; esac`,
        ...words(reference),
        format,
      ),
    saveImage: (reference) => shell(`${has}; cat "$2"`, ...words(reference)),
  });
  const pulled = () => {
    const found = folder.glob("pulled").length === 0 ? "" : folder.read("pulled");
    return found.split("\n").filter((line) => line !== "");
  };
  return { engine, pulled };
}
