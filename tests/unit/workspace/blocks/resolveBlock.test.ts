import { describe, expect, test } from "bun:test";
import { locatedMessage, PolycrateError } from "../../../../src/errors.ts";
import { blocksOf } from "../../../../src/workspace/blocks/overlayBlocks.ts";
import { resolveAction, resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { loadWorkspace } from "../../../../src/workspace/load.ts";
import { writeYaml } from "../../../../src/yaml/write.ts";
import { makeFolder } from "../../../support/harness.ts";

type Files = Readonly<Record<string, string>>;

/** A workspace file with these inline blocks, and block files by the name of their folder. */
const workspace = (blocks: string, installed: Files = {}): Files => ({
  "workspace.poly": `name: test-workspace\nblocks:\n${blocks}`,
  ...Object.fromEntries(Object.entries(installed).map(([name, text]) => [`blocks/${name}/block.poly`, text])),
});

/** The block as `polycrate inspect` prints it. */
function resolve(files: Files, reference = "app"): string {
  using folder = makeFolder(files);
  return writeYaml(resolveBlock(loadWorkspace({ named: folder.path }), reference).value);
}

/** What a person reads instead: message, hint, exit code. */
function refusal(files: Files, reference = "app"): readonly [string, string | undefined, number] {
  try {
    resolve(files, reference);
  } catch (error) {
    if (error instanceof PolycrateError) return [locatedMessage(error), error.hint, error.exitCode];
    throw error;
  }
  throw new Error("it was resolved");
}

/** Where an action starts, relative to the workspace. */
function directoryOf(files: Files, reference: string, action: string): string | undefined {
  using folder = makeFolder(files);
  return resolveAction(resolveBlock(loadWorkspace({ named: folder.path }), reference), action).directory;
}

describe("a key the child has wins", () => {
  test("also when it is false, 0, empty or null", () => {
    const files = workspace(`
  - {name: app, from: base, config: {live: false, count: 0, text: "", none: null, list: [], deep: {x: false}}}
  - {name: base, config: {live: true, count: 3, text: t, none: 1, list: [1, 2], deep: {x: true, z: kept}}}`);
    expect(resolve(files)).toBe(`name: app
from: base
config:
  live: false
  count: 0
  text: ""
  none: null
  list: []
  deep:
    x: false
    z: kept
`);
  });

  test("and keys that differ in case or type are different keys", () => {
    const files = workspace(`
  - {name: app, from: base, config: {fooBar: false, 80: number, __proto__: mine}}
  - {name: base, config: {fooBar: true, foobar: kept, "80": text, __proto__: theirs, constructor: kept}}`);
    expect(resolve(files)).toBe(`name: app
from: base
config:
  fooBar: false
  80: number
  __proto__: mine
  foobar: kept
  "80": text
  constructor: kept
`);
  });

  test("but a structural key with nothing behind it counts as absent", () => {
    const files = workspace(`
  - name: app
    from: base
    config:
    actions:
    labels:
    inventory:
    kubeconfig:
    description:
  - name: base
    description: gone
    config: {a: 1}
    actions: [{name: go, script: "true"}]
    labels: {team: a}
    inventory: {filename: hosts.yml}
    kubeconfig: {filename: admin.yml}`);
    expect(resolve(files)).toBe(`name: app
from: base
description: null
config:
  a: 1
actions:
  - name: go
    script: "true"
labels:
  team: a
inventory:
  filename: hosts.yml
kubeconfig:
  filename: admin.yml
`);
  });

  test("name, template and alias are not inherited; version, kind and metadata are", () => {
    const files = workspace(`
  - {name: app, from: base}
  - {name: base, template: true, alias: [b], version: 1.10, kind: k8s, icon_url: "https://example.com/i.png"}`);
    expect(resolve(files)).toBe(`name: app
from: base
version: 1.10
kind: k8s
icon_url: https://example.com/i.png
`);
  });

  test("one child does not see what the other changes", () => {
    const files = workspace(`
  - {name: left, from: base, config: {list: [l], map: {l: 1}}}
  - {name: right, from: base, config: {map: {r: 1}}}
  - {name: base, config: {list: [b], map: {b: 1}}}`);
    using folder = makeFolder(files);
    const loaded = loadWorkspace({ named: folder.path });
    const config = (name: string) => writeYaml(resolveBlock(loaded, name).value.get("config") ?? null);
    expect(config("left")).toBe("list:\n  - l\nmap:\n  l: 1\n  b: 1\n");
    expect(config("right")).toBe("map:\n  r: 1\n  b: 1\nlist:\n  - b\n");
    expect(config("base")).toBe("list:\n  - b\nmap:\n  b: 1\n");
  });
});

describe("actions merge by name", () => {
  test("script and playbook are one slot, other keys stay", () => {
    const files = workspace(`
  - name: app
    from: base
    actions:
      - {name: own, script: echo own}
      - {name: second, playbook: second.yml, config: {b: 2}, prompt: {message: Sure?}}
      - {name: first, script: , description: changed}
  - name: base
    actions:
      - {name: first, script: [echo 1, echo 2], description: first}
      - {name: second, script: echo, description: kept, config: {a: 1}, timeout: 5m}`);
    expect(resolve(files)).toBe(`name: app
from: base
actions:
  - name: first
    description: changed
    script:
      - echo 1
      - echo 2
  - name: second
    playbook: second.yml
    config:
      b: 2
      a: 1
    prompt:
      message: Sure?
    description: kept
    timeout: 5m
  - name: own
    script: echo own
`);
  });

  test("an action answers to its alias, and a name goes before an alias", () => {
    using folder = makeFolder(
      workspace(`
  - name: app
    actions:
      - {name: install, alias: [up, start], script: "true"}
      - {name: remove, alias: down, script: "true"}
      - {name: start, script: "true"}`),
    );
    const block = resolveBlock(loadWorkspace({ named: folder.path }), "app");
    const names = ["up", "down", "start"].map((word) => resolveAction(block, word).name);
    expect(names).toEqual(["install", "remove", "start"]);
  });
});

describe("ancestors come first", () => {
  const chain = [
    "  - {name: app, from: parent, config: {c: app}}\n",
    "  - {name: parent, from: grandparent, config: {b: parent, c: parent}}\n",
    "  - {name: grandparent, config: {a: grandparent, b: grandparent, c: grandparent}}\n",
  ] as const;
  const [app, parent, grandparent] = chain;

  test.each([
    ["youngest first", [app, parent, grandparent]],
    ["oldest first", [grandparent, parent, app]],
    ["mixed", [parent, app, grandparent]],
    ["mixed otherwise", [grandparent, app, parent]],
  ])("listed %s", (_, order) => {
    expect(resolve(workspace(order.join("")))).toBe(
      "name: app\nfrom: parent\nconfig:\n  c: app\n  b: parent\n  a: grandparent\n",
    );
  });

  test("over fifty generations", () => {
    const blocks = Array.from({ length: 50 }, (_, index) => {
      const from = index === 0 ? "" : `from: b${index - 1}, `;
      return `  - {name: b${index}, ${from}config: {k${index}: ${index}, last: ${index}}}`;
    });
    const value = resolve(workspace(blocks.join("\n")), "b49");
    expect(value).toContain("  last: 49\n");
    expect(value).toContain("  k0: 0\n");
  });
});

describe("a reference", () => {
  const versions = {
    one: "name: base\nversion: 1.10\nconfig: {v: one}\n",
    two: 'name: base\nversion: "2.0"\nconfig: {v: two}\n',
    none: "name: base\nconfig: {v: none}\n",
  };

  test.each([
    ["base:1.10", "one"],
    ["base:2.0", "two"],
    ["base:", "none"],
  ])("%s means %s of several versions, on the command line and in `from`", (reference, config) => {
    const files = workspace(`  - {name: app, from: "${reference}"}`, versions);
    expect(resolve(files)).toContain(`  v: ${config}\n`);
    expect(resolve(files, reference)).toContain(`  v: ${config}\n`);
  });

  test("without a version asks for one of several", () => {
    expect(refusal(workspace("  - {name: app}", versions), "base")).toEqual([
      "block `base` has 3 versions",
      "name one: `base:`, `base:1.10`, `base:2.0`",
      64,
    ]);
    expect(refusal(workspace("  - {name: app, from: base}", versions))).toEqual([
      "workspace.poly:3:23: block `app` inherits from `base`, which has 3 versions",
      "name one: `base:`, `base:1.10`, `base:2.0`",
      65,
    ]);
  });

  test("to a version that is not here says which ones are", () => {
    expect(refusal(workspace("  - {name: app, from: base:1.1}", versions))).toEqual([
      "workspace.poly:3:23: block `app` inherits from `base:1.1`, which does not exist",
      "available versions of `base`: no version, 1.10, 2.0",
      65,
    ]);
    expect(refusal(workspace("  - {name: app}", versions), "base:3")[1]).toBe(
      "available versions of `base`: no version, 1.10, 2.0",
    );
  });

  test("with a registry's port has its version after the last slash", () => {
    const files = workspace(
      `  - {name: app, from: "registry.host:5000/team/base:1.2"}
  - {name: other, from: "registry.host:5000/team/plain"}`,
      {
        "registry.host/team/base": 'name: "registry.host:5000/team/base"\nversion: 1.2\nconfig: {v: port}\n',
        "registry.host/team/plain": 'name: "registry.host:5000/team/plain"\nconfig: {v: plain}\n',
      },
    );
    expect(resolve(files)).toContain("  v: port\n");
    expect(resolve(files, "other")).toContain("  v: plain\n");
    expect(resolve(files, "registry.host:5000/team/base:1.2")).toContain("  v: port\n");
  });

  test("may be an alias, a number too; a name goes before it", () => {
    const files = workspace(`
  - {name: app, alias: [a, base, 80], config: {v: app}}
  - {name: base, config: {v: base}}`);
    expect(resolve(files, "a")).toContain("  v: app\n");
    expect(resolve(files, "80")).toContain("  v: app\n");
    expect(resolve(files, "base")).toContain("  v: base\n");
    expect(refusal(workspace("  - {name: app, alias: a}\n  - {name: base, alias: [a]}"), "a")).toEqual([
      "`a` is an alias of 2 blocks",
      "name one: `app`, `base`",
      64,
    ]);
  });

  test("may be a number", () => {
    expect(
      resolve(workspace("  - {name: app, from: 2048}\n  - {name: 2048, config: {v: number}}")),
    ).toContain("  v: number\n");
  });

  test("to nothing suggests what is near", () => {
    const files = workspace("  - {name: app, from: bsae:1.2}\n  - {name: base}");
    expect(refusal(files)).toEqual([
      "workspace.poly:3:23: block `app` inherits from `bsae:1.2`, which does not exist",
      "did you mean `base`?",
      65,
    ]);
    expect(refusal(files, "ap")).toEqual(["there is no block `ap`", "did you mean `app`?", 64]);
    expect(refusal(files, "nothing-like-it")[1]).toBe("`polycrate list` shows all blocks");
    expect(refusal({ "workspace.poly": "name: test-workspace\n" })[1]).toBe(
      "create one in `blocks/NAME/block.poly`",
    );
  });
});

describe("a circle is told with its way", () => {
  test.each([
    ["app", "  - {name: app, from: app}", "block `app` inherits from itself: app → app"],
    [
      "app",
      "  - {name: app, from: b}\n  - {name: b, from: app}",
      "block `app` inherits from itself: app → b → app",
    ],
    [
      "app",
      "  - {name: app, from: b}\n  - {name: b, from: c}\n  - {name: c, from: b}",
      "block `app` inherits from a cycle: app → b → c → b",
    ],
  ])("%s of %j", (reference, blocks, message) => {
    const [told, hint, exitCode] = refusal(workspace(blocks), reference);
    expect(told.replace(/^workspace\.poly:\d:\d+: /, "")).toBe(message);
    expect([hint, exitCode]).toEqual(["remove one `from` of the cycle", 65]);
  });
});

describe("an inline block is laid over the installed one of its name", () => {
  test("before `from` is resolved", () => {
    const files = workspace(`  - {name: app, config: {a: inline}}\n  - {name: base, config: {c: inline}}`, {
      app: "name: app\nfrom: base\nconfig: {a: file, b: file}\n",
      base: "name: base\nconfig: {b: base, c: base, d: base}\n",
    });
    expect(resolve(files)).toBe(`name: app
config:
  a: inline
  b: file
  c: inline
  d: base
from: base
`);
  });

  test("with its version, else without one over every version", () => {
    const files = workspace(
      `  - {name: app, config: {v: all}}\n  - {name: app, version: 2, config: {v: two}}`,
      { a: "name: app\nversion: 1\n", b: "name: app\nversion: 2\n", c: "name: app\nversion: 3\n" },
    );
    expect(resolve(files, "app:1")).toContain("  v: all\n");
    expect(resolve(files, "app:2")).toContain("  v: two\n");
    expect(resolve(files, "app:3")).toContain("  v: all\n");
  });

  test("with a version over an installed one that has none, when there is no other", () => {
    const files = workspace("  - {name: app, version: 1.2}", { a: "name: app\nconfig: {v: file}\n" });
    expect(resolve(files)).toContain("  v: file\n");
    expect(resolve(files, "app:1.2")).toContain("version: 1.2\n");
  });

  test("and is a block of its own when its version is another", () => {
    const files = workspace("  - {name: app, version: 2, config: {v: inline}}", {
      a: "name: app\nversion: 1\nconfig: {v: file}\n",
    });
    expect(refusal(files)[1]).toBe("name one: `app:1`, `app:2`");
    expect(resolve(files, "app:1")).toContain("  v: file\n");
    expect(resolve(files, "app:2")).toContain("  v: inline\n");
  });

  test.each(["app", "app:1.0"])("also when it says so by `from: %s`, as older workspaces do", (from) => {
    const files = workspace(`  - {name: app, from: "${from}", config: {live: false}}`, {
      app: "name: app\nversion: 1.0\nfrom: base\nconfig: {live: true, a: file}\n",
      base: "name: base\nconfig: {a: base, b: base}\n",
    });
    expect(resolve(files)).toBe(`name: app
config:
  live: false
  a: file
  b: base
version: 1.0
from: base
`);
  });

  test("the one of several that its `from` names", () => {
    const files = workspace("  - {name: app, from: app:2, config: {v: inline}}", {
      a: "name: app\nversion: 1\nconfig: {v: one}\n",
      b: "name: app\nversion: 2\nconfig: {v: two}\n",
    });
    expect(resolve(files, "app:1")).toContain("  v: one\n");
    expect(resolve(files, "app:2")).toContain("  v: inline\n");
  });

  test("whatever the order of several inline versions", () => {
    const inline = ["  - {name: app, version: 1}\n", "  - {name: app, version: 2}\n"];
    const names = [inline, inline.toReversed()].map((order) => {
      using folder = makeFolder(workspace(order.join(""), { app: "name: app\n" }));
      const blocks = blocksOf(loadWorkspace({ named: folder.path }));
      return blocks.map(({ version, directory }) => [version, directory]);
    });
    expect(names[0]).toEqual([
      [undefined, "blocks/app"],
      ["1", undefined],
      ["2", undefined],
    ]);
    expect(names[1]).toEqual(names[0]);
  });
});

describe("an action starts in the folder of the block that wrote it", () => {
  const installed = {
    parent: "name: parent\nactions: [{name: install, script: ./a.sh}, {name: prune, script: ./b.sh}]\n",
    "deep/er/child":
      "name: child\nfrom: parent\nactions: [{name: prune, script: ./c.sh}, {name: install, description: d}]\n",
    "parent/nested": "name: parent/nested\nactions: [{name: install, script: ./d.sh}]\n",
  };
  const files = workspace(
    `  - {name: inline, from: child, actions: [{name: own, script: "true"}]}
  - {name: alone, actions: [{name: own, script: "true"}]}
  - {name: parent, actions: [{name: prune, script: "./e.sh"}]}`,
    installed,
  );

  test.each([
    ["parent", "install", "blocks/parent"],
    ["parent", "prune", "blocks/parent"],
    ["child", "install", "blocks/parent"],
    ["child", "prune", "blocks/deep/er/child"],
    ["inline", "install", "blocks/parent"],
    ["inline", "prune", "blocks/deep/er/child"],
    ["inline", "own", "blocks/deep/er/child"],
    ["alone", "own", undefined],
    ["parent/nested", "install", "blocks/parent/nested"],
  ])("%s %s in %s", (block, action, directory) => {
    expect(directoryOf(files, block, action)).toBe(directory);
  });
});

describe("a broken block breaks only what needs it", () => {
  const files = workspace("  - {name: child, from: app}\n  - {name: well, config: {v: well}}", {
    app: "name: app\nactions:\n\t- name: go\n",
    typed: "name: typed\nactions: {go: {script: echo}}\n",
  });
  const told = "blocks/app/block.poly:3:1: the line is indented with a tab";

  test("itself, its children, and not the others", () => {
    expect(refusal(files)).toEqual([told, "indent it with spaces", 65]);
    expect(refusal(files, "child")).toEqual([told, "indent it with spaces", 65]);
    expect(refusal(files, "typed")[0]).toStartWith(
      "blocks/typed/block.poly:2:10: `actions`: expected a list",
    );
    expect(resolve(files, "well")).toContain("  v: well\n");
  });

  test("an inline block of its name is not taken for all there is", () => {
    const covered = workspace("  - {name: app, actions: [{name: go, script: echo}]}", {
      app: "name: app\nactions:\n\t- name: go\n",
    });
    expect(refusal(covered)).toEqual([told, "indent it with spaces", 65]);
  });

  test("two files of one name and version are told with both, whichever is wanted", () => {
    const twice = workspace("  - {name: child, from: app}", { one: "name: app\n", two: "name: app\n" });
    const hint = "remove one of them, or give them different versions";
    const files = "`blocks/one/block.poly` and `blocks/two/block.poly`";
    expect(refusal(twice)).toEqual([`block \`app\` is defined in both ${files}`, hint, 65]);
    expect(refusal(twice, "child")).toEqual([
      `workspace.poly:3:25: block \`child\` inherits from \`app\`, which is defined in both ${files}`,
      hint,
      65,
    ]);
  });
});
