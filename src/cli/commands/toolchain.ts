import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import { type Tool, tools } from "../../toolchain/tools.ts";
import { formatJson } from "../output/json.ts";
import { formatTable, paint } from "../output/table.ts";

export default defineCommand({
  meta: {
    name: "toolchain",
    description: "List the tools in the image that `polycrate toolchain build` builds.",
  },
  args: { output: { type: "enum", options: ["json"], description: "Print the list as JSON." } },
  run: ({ args }) => {
    stdout.write(args.output === "json" ? toolsToJson() : toolsToTable());
    return 0;
  },
});

function toolsToTable(): string {
  const head = ["PART", "TOOL", "VERSION", "SOURCE"].map((title) => paint(stdout, "faint", title));
  const rows = tools.map((tool) => [tool.part, tool.name, versionOf(tool) ?? "Debian 13", sourceOf(tool)]);
  return formatTable([head, ...rows], stdout.columns);
}

function toolsToJson(): string {
  const list = tools.map((tool) => ({
    part: tool.part,
    tool: tool.name,
    version: versionOf(tool) ?? null,
    ...("debian" in tool.source
      ? { package: tool.source.debian }
      : {
          downloads: tool.source.downloads.map(({ architecture, sha256, address }) => ({
            architecture,
            sha256,
            address,
          })),
        }),
  }));
  return formatJson(list);
}

/** The version of Debian's packages is the current one at the time of the build. */
function versionOf({ source }: Tool): string | undefined {
  return "debian" in source ? undefined : source.downloads[0]?.version;
}

function sourceOf({ source }: Tool): string {
  return "debian" in source ? `package ${source.debian}` : (source.downloads[0]?.address ?? "");
}
