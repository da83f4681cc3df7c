import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The image of the measured actions, built by scripts/images.sh. */
export const image = "polycrate-test:busybox";

/** Writes the files and returns the folder. */
export function makeWorkspace(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** A workspace whose action `bench nothing` does nothing, and `bench pour` writes 1 GiB. */
export const plainWorkspace: Readonly<Record<string, string>> = {
  "workspace.poly": `name: bench-workspace
config:
  container:
    image: ${image}
blocks:
  - name: bench
    actions:
      - {name: nothing, script: ["true"]}
      - {name: pour, script: ["dd if=/dev/zero bs=1M count=1024 2>/dev/null"]}
`,
};

/** The same with a Dockerfile that copies `count` files of a kilobyte. */
export function dockerfileWorkspace(count: number): Readonly<Record<string, string>> {
  const files = Array.from({ length: count }, (_, number) => [
    `files/${number % 100}/file-${number}.txt`,
    `file ${number} of ${count}\n${"a line that is there to fill the file\n".repeat(26)}`,
  ]);
  return {
    ...plainWorkspace,
    "Dockerfile.poly": `FROM ${image}\nCOPY files /files\n`,
    ...Object.fromEntries(files),
  };
}

/** A workspace of `count` blocks of 20 actions, in chains of five that inherit from each other. */
export function blocksWorkspace(count: number): Readonly<Record<string, string>> {
  const blocks = Array.from({ length: count }, (_, number) => [
    `blocks/group-${number % 20}/block-${number}/block.poly`,
    blockText(number),
  ]);
  return {
    "workspace.poly": `name: bench-workspace\nconfig:\n  container:\n    image: ${image}\n`,
    ...Object.fromEntries(blocks),
  };
}

/** The file of the block with this number. */
export function blockText(number: number): string {
  const level = number % 5;
  const actions = Array.from(
    { length: 20 },
    (_, action) => `  - name: action-${action}
    description: does thing ${action} of block ${number}
    script:
      - echo "block ${number} action ${action}"
      - test -n "$POLYCRATE_BLOCK_NAME" && echo level ${level}
`,
  );
  return `name: block-${number}
version: 1.0.${number}
description: block number ${number} of the bench
${level === 0 ? "" : `from: block-${number - 1}\n`}config:
  replicas: ${number}
  image:
    name: registry.example.com/team/app-${number}
    tag: "1.${number}"
  level_${level}: true
actions:
${actions.join("")}`;
}
