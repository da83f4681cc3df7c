import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { jsonSchemaOf } from "../../workspace/poly/jsonSchema.ts";

export default defineCommand({
  meta: {
    name: "schema",
    description: "Print the JSON Schema of workspace.poly or block.poly, for editors.",
  },
  args: {
    kind: {
      type: "positional",
      description: "`workspace` (the default) or `block`.",
      required: false,
      default: "workspace",
    },
  },
  run: ({ args }) => {
    const { kind } = args;
    if (kind !== "workspace" && kind !== "block") {
      throw new PolycrateError(`unknown schema \`${kind}\``, {
        hint: "use `polycrate schema workspace` or `polycrate schema block`",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    process.stdout.write(`${JSON.stringify(jsonSchemaOf(kind), undefined, 2)}\n`);
    return 0;
  },
});
