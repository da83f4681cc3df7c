import { expect, test } from "bun:test";
import { insertGenerated } from "../../../../src/cli/topics/generated.ts";
import { exitCodes } from "../../../../src/errors.ts";
import { recordKeys, recordOf } from "../../../../src/transactions/transaction.ts";
import { reservedNames } from "../../../../src/workspace/variableNames.ts";

const rowsOf = (line: string) =>
  insertGenerated(`before\n${line}\nafter\n`)
    .split("\n")
    .slice(1, -2)
    .filter((row) => !row.startsWith("| -"))
    .slice(1);

const namesOf = (line: string) => rowsOf(line).map((row) => /^\| `?([^`|]+?)`? +\|/.exec(row)?.[1] ?? "");

test("the text around a generated part stays", () => {
  const text = insertGenerated("# a\n\n<!-- labels -->\n\nb <!-- labels -->\n");
  expect(text).toStartWith("# a\n\n| Label ");
  expect(text).toEndWith("|\n\nb <!-- labels -->\n");
});

test("the keys of a path and those inside it, less some of them", () => {
  expect(namesOf("<!-- keys: inventory config.image -->")).toEqual([
    "config.image",
    "config.image.reference",
    "config.image.version",
    "inventory",
    "inventory.filename",
  ]);
  expect(namesOf("<!-- keys: config.image -config.image.version -->")).toEqual([
    "config.image",
    "config.image.reference",
  ]);
  expect(namesOf("<!-- keys: block.poly inventory -->")).toContain("inventory.from");
  expect(namesOf("<!-- keys: block.poly actions -->")).toContain("actions[].prompt.message");
});

test("a key has its type, its meaning, and its default or that it is required", () => {
  const [image] = rowsOf("<!-- keys: config.blocksroot -->");
  expect(image).toBe("| `config.blocksroot` | text  | The folder of installed blocks. Default: `blocks`. |");
  const [name] = rowsOf("<!-- keys: name -->");
  expect(name).toContain("Required.");
});

test("each exit code, each variable and each key of a record has its row", () => {
  expect(namesOf("<!-- exit codes -->").map(Number)).toEqual(Object.values(exitCodes));
  expect(namesOf("<!-- variables -->")).toEqual([...reservedNames]);
  expect(namesOf("<!-- record keys -->")).toEqual(Object.keys(recordKeys));
});

test("the keys that are described are those of a record", () => {
  const record = recordOf({
    id: "",
    workspace: "",
    block: "",
    action: "",
    workflow: undefined,
    workflowRun: undefined,
    step: undefined,
    matrix: [],
    attempt: 1,
    status: "running",
    exitCode: undefined,
    containerExitCode: undefined,
    started: new Date(0),
    finished: undefined,
    engine: "",
    context: "",
    image: "",
    imageId: undefined,
    imageDigest: undefined,
    locked: new Map(),
    snapshotHash: "",
    user: "",
    owner: { host: "", pid: 1, start: "" },
    version: "",
    commit: undefined,
    dirty: undefined,
    failedAt: undefined,
    inspected: undefined,
    warm: false,
    command: [],
    arguments: [],
    inputs: new Map(),
    hosts: [],
    artifacts: [],
  });
  expect([...record.keys()]).toEqual(Object.keys(recordKeys));
});

test.each(["<!-- kays -->", "<!-- keys: config.imgae -->", "<!-- keys: -nothing -->"])(
  "%s is an error",
  (line) => {
    expect(() => insertGenerated(line)).toThrow();
  },
);
