import { lstatSync } from "node:fs";
import { join } from "node:path";
import { readOwnText } from "../host/filesBelow.ts";
import { type Check, firstOf } from "./check.ts";
import { actionWords, runToEnd, type TestContext, wrongEnd } from "./testContext.ts";
import { inputLine, oddValue, otherUser } from "./testFolder.ts";

/** What an action finds in its container, and leaves on the host. */
export const fileChecks: readonly Check[] = [
  {
    name: "mounts",
    meaning: "an action reads and writes the files of its workspace, and cannot write a read-only mount",
    run: async (context) => {
      const result = await runToEnd(context, actionWords("files"));
      const written = readOwnText(context.workspace, "output.txt", 1000);
      return firstOf(
        wrongEnd(result),
        written === `${inputLine}, and by the container\n`
          ? undefined
          : "a file that the action wrote does not exist on the host, or has another content",
        result.stdout === "read-only\n" ? undefined : "the read-only mount was writable",
      );
    },
  },
  {
    name: "ownership",
    meaning: "with `user: host` the files that an action writes belong to you",
    run: async ({ workspace }) => {
      const status = lstatSync(join(workspace, "output.txt"), { throwIfNoEntry: false });
      if (status === undefined) return "the action left no file";
      const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
      if (status.uid === uid && status.gid === gid) return undefined;
      return `a file belongs to ${status.uid}:${status.gid} instead of ${uid}:${gid}`;
    },
  },
  {
    name: "user",
    meaning: "with `user: UID:GID` an action runs as that user",
    run: async (context) => {
      const options = { workspace: join(context.folder, "other-user") };
      const result = await runToEnd(context, actionWords("user"), options);
      const [uid, gid] = ["Uid", "Gid"].map((name) =>
        Number(new RegExp(`^${name}: (\\d+)$`, "m").exec(result.stdout)?.[1]),
      );
      if (uid === otherUser.uid && gid === otherUser.gid) return wrongEnd(result);
      return firstOf(
        wrongEnd(result),
        `the action ran as ${uid}:${gid} instead of ${otherUser.uid}:${otherUser.gid}: docker ignored \`--user\``,
      );
    },
  },
  {
    name: "values",
    meaning: "variables and arguments reach an action as they are",
    run: async (context) => {
      const words = actionWords("values", `--env=FLAG_VALUE=${oddValue}`, "--", "", oddValue);
      const result = await runToEnd(context, words);
      const expected = [oddValue, oddValue, "", oddValue].map((value) => `${value}|`).join("");
      return firstOf(
        wrongEnd(result),
        result.stdout === expected
          ? undefined
          : "a variable or an argument has another value in the container",
      );
    },
  },
  { name: "dry-run", meaning: "the script of a dry run does what the run does", run: checkDryRun },
];

async function checkDryRun(context: TestContext): Promise<string | undefined> {
  const printed = await runToEnd(context, actionWords("start", "--dry-run"));
  const wrong = wrongEnd(printed);
  if (wrong !== undefined) return wrong;
  const { exitCode, stdout, stderr } = await context.runScript(printed.stdout);
  if (exitCode === 0 && stdout === "started\n") return undefined;
  return `the script ended with exit code ${exitCode}: ${stderr.trim().split("\n").at(-1)}`;
}
