import { defineCommand } from "citty";
import { toolchainDockerfile } from "../../toolchain/files.ts";

export default defineCommand({
  meta: {
    name: "toolchain dockerfile",
    description:
      "Print the Dockerfile of the toolchain image. `polycrate toolchain build --dry-run` also prints the files that it copies.",
  },
  run: () => {
    process.stdout.write(toolchainDockerfile);
    return 0;
  },
});
