import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { stdout } from "../../host/output.ts";
import { type JsonSchema, jsonSchemaOf, tidyJsonSchema } from "../../workspace/poly/jsonSchema.ts";

export default defineCommand({
  meta: {
    name: "schema",
    description:
      "Print the JSON Schema of workspace.poly, block.poly or secrets.poly, for editors, or of a line of `run --output=events`.",
  },
  args: {
    kind: {
      type: "positional",
      description: "`workspace` (the default), `block`, `secrets` or `events`.",
      required: false,
      default: "workspace",
    },
  },
  run: async ({ args }) => {
    stdout.write(`${JSON.stringify(await schemaOf(args.kind), undefined, 2)}\n`);
    return 0;
  },
});

async function schemaOf(kind: string): Promise<JsonSchema> {
  if (kind === "workspace" || kind === "block" || kind === "secrets") return jsonSchemaOf(kind);
  if (kind === "events") {
    const { eventSchema } = await import("../../reports/eventSchema.ts");
    return tidyJsonSchema(eventSchema, "a line of `polycrate run --output=events`");
  }
  throw new PolycrateError(`unknown schema \`${kind}\``, {
    hint: "use `polycrate schema workspace`, `block`, `secrets` or `events`",
    exitCode: exitCodes.wrongCommandLine,
  });
}
