import { expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { isValueOptional } from "../../../../src/cli/flags.ts";
import { runFlags } from "../../../../src/workspace/inputs/runFlags.ts";
import { definitionOf } from "../../../support/help.ts";

test("the flags that inputs cannot have are those of `polycrate run`", async () => {
  const { args } = await definitionOf("run");
  const definition: ArgsDef = typeof args === "object" ? args : {};
  const flags = Object.entries(definition);
  const names = flags.flatMap(([name, definition]) => {
    if (definition.type === "positional") return [];
    return definition.type === "boolean" || isValueOptional(definition) ? [name, `no-${name}`] : [name];
  });
  expect([...runFlags].sort()).toEqual([...names, "help"].sort());
});
