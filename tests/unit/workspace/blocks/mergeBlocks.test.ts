import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { explainBlock } from "../../../../src/workspace/blocks/explainBlock.ts";
import { inheritBlock } from "../../../../src/workspace/blocks/mergeBlocks.ts";
import { blocksOf } from "../../../../src/workspace/blocks/overlayBlocks.ts";
import { resolved } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { loadWorkspace, type Workspace } from "../../../../src/workspace/load.ts";
import {
  isYamlList,
  isYamlMap,
  type YamlKey,
  type YamlMap,
  type YamlValue,
} from "../../../../src/yaml/value.ts";
import { writeYaml } from "../../../../src/yaml/write.ts";
import { type Folder, makeFolder } from "../../../support/harness.ts";

const map = (entries: Readonly<Record<string, YamlValue>>): YamlMap => new Map(Object.entries(entries));

/** Keys that JavaScript objects would reorder, confuse or lose. */
const key = fc.constantFrom<YamlKey>("a", "B", "nested", "10", 9, 10, "__proto__", "constructor", true);

const leaf: fc.Arbitrary<YamlValue> = fc.oneof(
  fc.uuid(),
  fc.constantFrom<YamlValue>(false, true, "", null, { digits: "0", source: "0" }),
  fc.array(fc.constantFrom<YamlValue>("x", false, null, map({ deep: "y" })), { maxLength: 3 }),
);

const { tree } = fc.letrec<{ tree: YamlMap }>((tie) => ({
  tree: fc
    .array(fc.tuple(key, fc.oneof({ maxDepth: 3 }, leaf, tie("tree"))), { maxLength: 4 })
    .map((entries) => new Map<YamlKey, YamlValue>(entries)),
}));

/** A mapping in which each key is a mapping everywhere, or nowhere. */
const settledTree: fc.Arbitrary<YamlMap> = fc
  .tuple(fc.array(fc.tuple(key, leaf)), fc.array(fc.tuple(key, fc.array(fc.tuple(key, leaf)))))
  .map(
    ([leaves, maps]) =>
      new Map<YamlKey, YamlValue>([
        ...leaves.map(([name, value]): [YamlKey, YamlValue] => [`leaf ${name}`, value]),
        ...maps.map(([name, items]): [YamlKey, YamlValue] => [`map ${name}`, new Map(items)]),
      ]),
  );

const sometimes = <Value extends YamlValue>(name: string, value: fc.Arbitrary<Value>) =>
  fc.option(
    value.map((item): [string, YamlValue] => [name, item]),
    { nil: undefined },
  );

function mapOf(...entries: readonly fc.Arbitrary<[string, YamlValue] | undefined>[]): fc.Arbitrary<YamlMap> {
  return fc.tuple(...entries).map((found) => new Map(found.filter((entry) => entry !== undefined)));
}

const always = (name: string, value: YamlValue) => fc.constant<[string, YamlValue]>([name, value]);

/** What an action runs: a script, a playbook, nothing of its own, or keys with nothing behind them. */
const slot = fc.oneof(
  fc.uuid().map((text): readonly [string, YamlValue][] => [["script", [text]]]),
  fc.uuid().map((text): readonly [string, YamlValue][] => [["playbook", text]]),
  fc.constant<readonly [string, YamlValue][]>([]),
  fc.constant<readonly [string, YamlValue][]>([["script", null]]),
  fc.constant<readonly [string, YamlValue][]>([["playbook", null]]),
);

const action = (name: string, config: fc.Arbitrary<YamlMap>): fc.Arbitrary<YamlValue> =>
  fc
    .tuple(
      mapOf(
        always("name", name),
        sometimes("description", fc.uuid()),
        sometimes("interactive", fc.constantFrom(true, false, null)),
        sometimes("config", fc.oneof(config, fc.constant(null))),
        sometimes("labels", fc.constantFrom<YamlValue>(null, map({ team: "a" }), map({ tier: "b" }))),
      ),
      slot,
    )
    .map(([rest, run]) => new Map([...rest, ...run]));

/** The keys of a block that are inherited. */
const body = (config: fc.Arbitrary<YamlMap>): fc.Arbitrary<YamlMap> =>
  mapOf(
    sometimes("description", fc.uuid()),
    sometimes("config", fc.oneof(config, fc.constant(null))),
    sometimes("labels", fc.constantFrom<YamlValue>(null, map({ team: "a" }), map({ tier: "b" }))),
    sometimes("template", fc.boolean()),
    sometimes("alias", fc.constantFrom<YamlValue>(["short"], null)),
    sometimes("kind", fc.uuid()),
    sometimes("icon_url", fc.uuid()),
    sometimes(
      "actions",
      fc.oneof(
        fc.constant(null),
        fc
          .subarray(["install", "prune", "status"])
          .chain((names) => fc.tuple(...names.map((name) => action(name, config)))),
      ),
    ),
  );

/** Blocks whose parents stand anywhere; some in files, some inline, some in both. */
type Family = readonly {
  readonly name: string;
  readonly from: string;
  readonly folder: string | undefined;
  readonly file: YamlMap;
  readonly inline: YamlMap | undefined;
}[];

const family: fc.Arbitrary<Family> = fc
  .array(
    fc.record({
      parent: fc.option(fc.nat()),
      place: fc.constantFrom("file", "inline", "both"),
      folder: fc.stringMatching(/^[a-z]{6}$/),
      file: body(tree),
      inline: body(tree),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((blocks) =>
    blocks.map(({ parent, place, folder, file, inline }, index) => ({
      name: `block-${index}`,
      from: parent === null || index === 0 ? "base" : `block-${parent % index}`,
      folder: place === "inline" ? undefined : `${folder}-${index}`,
      file,
      inline: place === "file" ? undefined : inline,
    })),
  );

const named = (name: string, from: string | undefined, value: YamlMap): YamlMap =>
  new Map([["name", name], ...(from === undefined ? [] : [["from", from] as const]), ...value]);

function filesOf(blocks: Family, turn: (name: string) => string): Readonly<Record<string, string>> {
  const installed = blocks.flatMap(({ name, from, folder, file }) =>
    folder === undefined
      ? []
      : [[`blocks/${turn(folder)}/block.poly`, writeYaml(named(name, from, file))] as const],
  );
  const inline = blocks.flatMap(({ name, from, folder, inline }) =>
    inline === undefined ? [] : [named(name, folder === undefined ? from : undefined, inline)],
  );
  const workspace = map({ name: "test-workspace", blocks: [...inline, map({ name: "base" })] });
  return { "workspace.poly": writeYaml(workspace), ...Object.fromEntries(installed) };
}

const load = (folder: Folder): Workspace => loadWorkspace({ named: folder.path });

/** All blocks as they are resolved, in the order of their names. */
const valuesOf = (workspace: Workspace): string =>
  writeYaml(blocksOf(workspace).map((block) => resolved(workspace, block).value));

function freezeDeep(value: YamlValue): YamlValue {
  if (isYamlMap(value)) value.forEach(freezeDeep);
  if (isYamlList(value)) value.forEach(freezeDeep);
  return Object.freeze(value);
}

describe("resolving", () => {
  test("gives the same whatever the order of files and blocks, and the second time", () => {
    fc.assert(
      fc.property(family, fc.infiniteStream(fc.nat()), (blocks, numbers) => {
        using folder = makeFolder(filesOf(blocks, (name) => name));
        const first = valuesOf(load(folder));
        const shuffled = blocks
          .map((block) => ({ block, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ block }) => block);
        const reversed = (name: string) => [...name].reverse().join("");
        using other = makeFolder(filesOf(shuffled, reversed));
        const workspace = load(other);
        expect(valuesOf(workspace)).toBe(first);
        expect(valuesOf(workspace)).toBe(first);
      }),
      { numRuns: 60 },
    );
  });

  test("changes nothing that was read", () => {
    fc.assert(
      fc.property(family, (blocks) => {
        using folder = makeFolder(filesOf(blocks, (name) => name));
        const workspace = load(folder);
        const before = workspace.blocks.map(({ value }) => writeYaml(freezeDeep(value)));
        valuesOf(workspace);
        expect(workspace.blocks.map(({ value }) => writeYaml(value))).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  test("leaves no key whose file, line and block are unknown, and the place is that key's", () => {
    fc.assert(
      fc.property(family, (blocks) => {
        using folder = makeFolder(filesOf(blocks, (name) => name));
        const workspace = load(folder);
        for (const block of blocksOf(workspace)) {
          for (const source of explainBlock(resolved(workspace, block))) {
            const lines = folder.read(source.file).split("\n");
            const { line, column } = source.position;
            const last = source.key.slice(source.key.lastIndexOf(".") + 1);
            const here = lines[line - 1]?.slice(column - 1) ?? "";
            expect([`${last}:`, `${JSON.stringify(last)}:`]).toContain(here.slice(0, here.indexOf(":") + 1));
            const text = isYamlList(source.value) ? source.value[0] : source.value;
            // A text that is written but once shows that the place is the right one of several.
            if (typeof text === "string" && text.length === 36) {
              expect(lines.slice(line - 1, line + 1).join("\n")).toContain(text);
            }
            const sources = workspace.blocks.filter(({ name }) => name === source.block);
            expect(sources.map(({ file }) => file.path)).toContain(source.file);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("merging", () => {
  const settled = body(settledTree);

  test("is associative along a chain", () => {
    fc.assert(
      fc.property(settled, settled, settled, (a, b, c) => {
        expect(writeYaml(inheritBlock(a, inheritBlock(b, c)))).toBe(
          writeYaml(inheritBlock(inheritBlock(a, b), c)),
        );
      }),
    );
  });

  test("changes neither side", () => {
    fc.assert(
      fc.property(body(tree), body(tree), (parent, child) => {
        const before = [writeYaml(freezeDeep(parent)), writeYaml(freezeDeep(child))];
        inheritBlock(parent, child);
        expect([writeYaml(parent), writeYaml(child)]).toEqual(before);
      }),
    );
  });

  test("lets the child win wherever it says anything", () => {
    fc.assert(
      fc.property(tree, tree, (parent, child) => {
        const merged = inheritBlock(map({ config: parent }), map({ config: child })).get("config");
        const check = (own: YamlValue, result: YamlValue | undefined): void => {
          if (!isYamlMap(own)) expect(result).toBe(own);
          else
            for (const [name, value] of own) check(value, isYamlMap(result) ? result.get(name) : undefined);
        };
        check(child, merged);
      }),
    );
  });
});
