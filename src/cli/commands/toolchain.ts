import { defineCommand } from "citty";
import { type Tool, tools } from "../../toolchain/tools.ts";
import { formatJson } from "../output/json.ts";
import { formatTable, paint } from "../output/table.ts";

export default defineCommand({
  meta: {
    name: "toolchain",
    description: "List what is in the image that `polycrate toolchain build` makes: each tool with its part.",
  },
  args: { output: { type: "enum", options: ["json"], description: "Print it for programs." } },
  run: ({ args }) => {
    process.stdout.write(args.output === "json" ? toolsToJson() : toolsToTable());
    return 0;
  },
});

function toolsToTable(): string {
  const head = ["part", "tool", "version", "source"].map((title) => paint(process.stdout, "faint", title));
  const rows = tools.map((tool) => [tool.part, tool.name, versionOf(tool) ?? "Debian 13's", sourceOf(tool)]);
  return formatTable([head, ...rows], process.stdout.columns);
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
