import { defineCommand } from "citty";
import { version } from "../../version.ts";

export default defineCommand({
  meta: { name: "version", description: "Print the version of polycrate." },
  run: () => {
    process.stdout.write(`${version}\n`);
  },
});
