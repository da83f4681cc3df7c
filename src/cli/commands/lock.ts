import { defineCommand } from "citty";
import { didYouMean, exitCodes, PolycrateError, printable } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { type Lock, lockFile, readLock, writeLock } from "../../registry/lock.ts";
import { lockBlocks } from "../../registry/lockBlocks.ts";
import { type LockChange, lockChanges } from "../../registry/lockChanges.ts";
import { lockImages } from "../../registry/lockImages.ts";
import { installedFromRegistry, namedBlocks } from "../../registry/wantedBlocks.ts";
import { wantedImages } from "../../registry/wantedImages.ts";
import { findEngine } from "../../run/findEngine.ts";
import { assertNotNested } from "../../run/observe.ts";
import { toolchainEntries } from "../../toolchain/lockEntries.ts";
import { contextFlags, workspaceFlags } from "../flags.ts";
import { openWorkspace } from "../openWorkspace.ts";
import { formatJson } from "../output/json.ts";
import { messagesTo } from "../output/messages.ts";
import { formatTable, paint, type Tone } from "../output/table.ts";
import type { CommandData } from "../parseArgs.ts";
import { toolchainReference } from "../toolchainReference.ts";
import { untilSignal } from "../untilSignal.ts";

export default defineCommand({
  meta: {
    name: "lock",
    description:
      "Write polycrate.lock: the digests of the workspace's images, of those of its Dockerfile, and of blocks from registries.",
  },
  args: {
    name: {
      type: "positional",
      description: "With --update, look up only this image or block.",
      required: false,
    },
    ...workspaceFlags,
    ...contextFlags,
    check: {
      type: "boolean",
      description: "Change nothing; print what moved in the registries, and exit with 1 if anything did.",
    },
    update: { type: "boolean", description: "Look up what is locked already too." },
    output: { type: "enum", options: ["json"], description: "Print the changes as JSON." },
  },
  run: async ({ args, data }) => {
    const program: CommandData = data;
    const { check = false, update = false, name } = args;
    assertFlags(name, check, update);
    const { notice } = messagesTo(program.outputs);
    // Blocks whose parents are missing can be locked before they are installed.
    const workspace = openWorkspace(messagesTo(program.outputs, { quiet: true }), args.workspace);
    assertNotNested(workspace);
    const engine = findEngine(workspace, { program: args.engine, flag: args.context });
    const images = wantedImages(workspace);
    const blocks = [...namedBlocks(workspace), ...installedFromRegistry(workspace)];
    if (name !== undefined) {
      const known = lockOrNothing(workspace.path) ?? [];
      assertWanted(name, [
        ...images.map((one) => one.name),
        ...blocks.map((one) => one.reference),
        ...known.map((one) => one.name),
      ]);
    }
    const isAnew = update && name === undefined;
    const before = isAnew ? lockOrNothing(workspace.path) : readLock(workspace.path);
    if (check && before === undefined) throw noLock();
    const kept = check || isAnew ? [] : (before ?? []).filter((entry) => !update || entry.name !== name);
    const after = await untilSignal(program, async (cancelled) => {
      const options = {
        ...{ directory: workspace.path, environment: process.env, cancelled, kept, onlyLooks: check },
        own: (image: string) => (image === toolchainReference ? toolchainEntries(image) : []),
        onPull: (image: string) => notice(`pulling ${image}`),
      };
      return [
        ...(await lockImages(engine, images, options)),
        ...(await lockBlocks(workspace, engine, options)),
      ];
    });
    const changes = lockChanges(before ?? [], after);
    if (!check && (changes.length > 0 || before === undefined)) writeLock(workspace.path, after);
    stdout.write(args.output === "json" ? changesToJson(changes) : changesToTable(changes));
    if (changes.length === 0) notice(`${lockFile} is up to date`);
    return check && changes.length > 0 ? exitCodes.lockMoved : 0;
  },
});

function assertFlags(name: string | undefined, check: boolean, update: boolean): void {
  if (check && update) {
    throw new PolycrateError("`--check` and `--update` cannot be used together", {
      hint: "use one of them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  if (name !== undefined && !update) {
    throw new PolycrateError("a NAME requires `--update`", {
      hint: `use \`polycrate lock --update ${name}\``,
      exitCode: exitCodes.wrongCommandLine,
    });
  }
}

function assertWanted(name: string, wanted: readonly string[]): void {
  if (wanted.includes(name)) return;
  throw new PolycrateError(`the workspace does not use \`${name}\``, {
    hint: didYouMean(name, wanted) ?? `it uses ${wanted.map((one) => `\`${one}\``).join(", ")}`,
    exitCode: exitCodes.wrongCommandLine,
  });
}

/** A file that is broken, by a merge for example, is written anew. */
function lockOrNothing(workspace: string): Lock | undefined {
  try {
    return readLock(workspace);
  } catch (error) {
    if (error instanceof PolycrateError) return undefined;
    throw error;
  }
}

function noLock(): PolycrateError {
  return new PolycrateError(`there is no \`${lockFile}\``, {
    hint: "`polycrate lock` writes it",
    exitCode: exitCodes.invalidWorkspace,
  });
}

const words: Readonly<Record<"added" | "moved" | "removed", Tone>> = {
  added: "good",
  moved: "warning",
  removed: "bad",
};

function wordFor({ before, after }: LockChange): keyof typeof words {
  return before === undefined ? "added" : after === undefined ? "removed" : "moved";
}

function changesToTable(changes: readonly LockChange[]): string {
  const rows = changes.map((change) => [
    paint(stdout, words[wordFor(change)], wordFor(change)),
    change.kind,
    printable(change.name),
    [change.before, change.after]
      .filter((digest) => digest !== undefined)
      .map((digest) => digest.slice(0, 19))
      .join(" → "),
  ]);
  return formatTable(rows, stdout.columns);
}

function changesToJson(changes: readonly LockChange[]): string {
  return formatJson(
    changes.map((change) => ({
      change: wordFor(change),
      kind: change.kind,
      name: change.name,
      before: change.before ?? null,
      after: change.after ?? null,
    })),
  );
}
