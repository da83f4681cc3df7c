import { printable } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { CiLog } from "./ciLog.ts";

/** Returns the log for GitLab CI/CD: a section for each build, which is collapsed, and for each run. */
export function gitlabLog(): CiLog {
  let plan: Plan | undefined;
  let count = 0;
  let open: string | undefined;
  const start = (time: Date, name: string, title: string, options = "") => {
    count += 1;
    open = `polycrate_${count}_${name.replaceAll(/[^A-Za-z0-9_.-]+/g, "_")}`;
    return `section_start:${seconds(time)}:${open}${options}\r\u001b[0K${printable(title)}\n`;
  };
  const end = (time: Date) => {
    const line = open === undefined ? "" : `section_end:${seconds(time)}:${open}\r\u001b[0K\n`;
    open = undefined;
    return line;
  };
  return {
    linesAt: (event) => {
      if (event.type === "planned") plan = event.plan;
      const { block = "", action = "", image = "" } = plan?.record ?? {};
      if (event.type === "building")
        return start(event.time, "build", `build image ${image}`, "[collapsed=true]");
      if (event.type === "starting")
        return start(event.time, `run_${block}_${action}`, `run ${block} ${action}`);
      return event.type === "built" || event.type === "finished" ? end(event.time) : "";
    },
    end: () => "",
  };
}

/** Since 1970. */
function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
