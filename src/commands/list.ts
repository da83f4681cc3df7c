import { defineCommand } from "citty";
import { printable } from "../errors.ts";
import { blocksOf, inheritedValue, lineageOf } from "../workspace/resolveBlock.ts";
import { isYamlList, isYamlMap, type YamlMap, type YamlValue } from "../workspace/yamlValue.ts";
import { workspaceFlags } from "./flags.ts";
import { openWorkspace } from "./prepare.ts";

export default defineCommand({
  meta: { name: "list", description: "List the workspace's blocks and their actions." },
  args: { ...workspaceFlags },
  run: ({ args }) => {
    const workspace = openWorkspace(args.workspace);
    for (const block of blocksOf(workspace)) {
      const value = valueOrSource(() => inheritedValue(lineageOf(workspace, block)), block.value);
      const from = textOf(value.get("from"));
      const version = block.version === undefined ? "" : `:${block.version}`;
      const parent = from === "" ? "" : ` (from ${from})`;
      line(`${block.name}${version}${parent}${described(value)}`);
      const actions = value.get("actions");
      for (const action of isYamlList(actions) ? actions : []) {
        if (isYamlMap(action)) line(`  ${textOf(action.get("name"))}${described(action)}`);
      }
    }
    return 0;
  },
});

/** A block whose parent is missing can still be listed as it is written. */
function valueOrSource(resolve: () => YamlMap, source: YamlMap): YamlMap {
  try {
    return resolve();
  } catch {
    return source;
  }
}

function described(value: YamlMap): string {
  const description = textOf(value.get("description")).split("\n")[0] ?? "";
  return description === "" ? "" : `: ${description}`;
}

function textOf(value: YamlValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function line(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}
