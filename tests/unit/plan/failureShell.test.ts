import { expect, test } from "bun:test";
import { failureShellLines } from "../../../src/plan/failureShell.ts";

/** What the entrypoint's lines print for a line of the script. */
function itemOf(items: readonly string[], line: string, shell: string): string {
  const lines = failureShellLines({ shell: "/bin/sh", items, scriptReads: true }).join("\n");
  const { stdout, stderr } = Bun.spawnSync([shell, "-c", `${lines}\n__polycrate_item "$1"`, shell, line]);
  return stdout.toString() + stderr.toString();
}

const items = ["one", "two\nthree\n", "four"];

test.each(["bash", "dash"].filter((shell) => Bun.which(shell) !== null))(
  "the item that failed is named by its line: %s",
  (shell) => {
    expect(["1", "2", "3", "4", "5", "0", "", "x"].map((line) => itemOf(items, line, shell))).toEqual([
      ...[": item 1, line 1\n", ": item 2, line 1\n", ": item 2, line 2\n", ": item 3, line 1\n"],
      ...["", "", "", ""],
    ]);
    expect(itemOf([], "1", shell)).toBe("");
  },
);

test("the terminal is kept beside an empty standard input, unless the script reads it", () => {
  const shell = { shell: "/bin/my sh", items: [] };
  expect(failureShellLines({ ...shell, scriptReads: false })[0]).toBe("exec 9<&0 </dev/null");
  const lines = failureShellLines({ ...shell, scriptReads: true });
  expect(lines.filter((line) => line.includes("9<"))).toEqual([]);
  expect(lines.join("\n")).toContain("exec '/bin/my sh' -i 8<<");
});

test.each([
  [0, false],
  [1, true],
  [129, false],
  [130, false],
  [143, false],
  [137, true],
])("with exit code %i a shell opens: %p", (code, opens) => {
  const lines = failureShellLines({ shell: "/bin/false", items: [], scriptReads: true })
    .filter((line) => !line.includes("polycrate-status"))
    .join("\n");
  const { stderr } = Bun.spawnSync(["sh", "-c", `${lines}\n__polycrate_inspect ${code} 1`]);
  expect(stderr.toString().includes("ends it")).toBe(opens);
});
