import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import { version } from "../../version.ts";

export default defineCommand({
  meta: { name: "version", description: "Print the version of polycrate." },
  run: () => {
    stdout.write(`${version}\n`);
  },
});
