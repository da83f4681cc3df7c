import { defineCommand } from "citty";
import { stdout } from "../../host/output.ts";
import { toolchainDockerfile } from "../../toolchain/files.ts";

export default defineCommand({
  meta: {
    name: "toolchain dockerfile",
    description:
      "Print the Dockerfile of the toolchain image. `polycrate toolchain build --dry-run` also prints the files that it copies.",
  },
  run: () => {
    stdout.write(toolchainDockerfile);
    return 0;
  },
});
