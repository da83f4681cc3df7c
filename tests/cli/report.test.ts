import { expect, test } from "bun:test";
import { type Folder, makeFolder } from "../support/harness.ts";

/** An id of a run that started so many milliseconds later. */
const id = (time: number) => `0198a1b2-000${time}-7000-8000-000000000001`;

const record = (fields: string) => `block: web\naction: install\nstatus: succeeded\n${fields}`;

/** A workspace with these records, and logs for them. */
function makeWorkspace(records: Readonly<Record<string, string>>): Folder {
  const folder = makeFolder({ "workspace.poly": "name: test-workspace\n" });
  for (const [name, text] of Object.entries(records)) {
    folder.write(`.logs/2025/08/13/${name}.yml`, text);
    folder.write(`.logs/2025/08/13/${name}.log`, `output of ${name}\n`);
  }
  return folder;
}

const workflow = {
  [id(1)]: record(`workflow: release\nworkflow_run: ${id(0)}\nstep: one\n`),
  [id(2)]: record(`workflow: release\nworkflow_run: ${id(0)}\nstep: two\n`),
};

test.each([
  [{}, [], 64, "nothing has run in this workspace yet"],
  [workflow, ["ffff"], 64, "there is no transaction `ffff`"],
  [workflow, ["../x"], 64, "there is no transaction `../x`"],
  [workflow, ["0198"], 64, "several ids start with `0198`"],
  [workflow, ["--html", "--junit"], 64, "`--junit` and `--html` cannot be used together"],
  [workflow, ["--output=workspace.poly/x"], 73, "workspace.poly` is not a folder"],
])("with the records %j `report` %j exits with %d", async (records, words, code, message) => {
  using folder = makeWorkspace(records);
  const { stdout, stderr, exitCode } = await folder.run(["report", ...words]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: code });
  expect(stderr).toStartWith("error: ");
  expect(stderr).toContain(message);
});

test("the newest run is reported, with the workflow that it belongs to", async () => {
  using folder = makeWorkspace({ ...workflow, [id(3)]: record("") });
  const newest = await folder.run(["report"]);
  expect(newest.stdout).toStartWith("# web install succeeded\n");
  expect(newest.stdout).toContain(`\noutput of ${id(3)}\n`);
  for (const words of [[id(0)], [id(0).slice(0, 13)]]) {
    const { stdout } = await folder.run(["report", ...words]);
    expect(stdout).toStartWith("# Workflow release succeeded\n");
    expect(stdout.match(/^## .*/gm)).toEqual([
      "## one\\: web install succeeded",
      "## two\\: web install succeeded",
    ]);
  }
});

test("a record and a log that would do something do nothing", async () => {
  const hostile = '"</script><img src=x onerror=alert(1)>\\e[2J]]>\\u202e::error::x"';
  using folder = makeWorkspace({
    [id(1)]: record(`user: ${hostile}\nstep: ${hostile}\nimage: ${hostile}\n`),
  });
  folder.write(
    `.logs/2025/08/13/${id(1)}.log`,
    "</script>\u001b]0;x\u0007\u001b[2J]]>\u202e\n```\n::error::x\n\0\xff",
  );
  for (const kind of ["markdown", "html", "junit"]) {
    const { stdout, exitCode } = await folder.run(["report", `--${kind}`]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/[\0\u0007\u001b\u202e]|^::error/m);
    if (kind !== "markdown") expect(stdout).not.toContain("</script>");
  }
});

test("a run whose log is gone has a report all the same", async () => {
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    [`.logs/2025/08/13/${id(1)}.yml`]: record(""),
  });
  const { stdout } = await folder.run(["report"]);
  expect(stdout).toEndWith("\nThe log is missing.\n");
});
