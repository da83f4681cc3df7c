import { printable } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { perRun } from "../run/events.ts";
import type { CiLog } from "./ciLog.ts";

/** What is known of a run, and the section that is open in its log. */
type OpenSection = { plan: Plan | undefined; section: string | undefined };

/** Returns the log for GitLab CI/CD: a section for each build, which is collapsed, and for each run. */
export function gitlabLog(): CiLog {
  let count = 0;
  const runOf = perRun((): OpenSection => ({ plan: undefined, section: undefined }));
  const start = (run: OpenSection, time: Date, name: string, title: string, options = "") => {
    count += 1;
    const section = `polycrate_${count}_${name.replaceAll(/[^A-Za-z0-9_.-]+/g, "_")}`;
    run.section = section;
    return `section_start:${seconds(time)}:${section}${options}\r\u001b[0K${printable(title)}\n`;
  };
  const end = (run: OpenSection, time: Date) => {
    const line = run.section === undefined ? "" : `section_end:${seconds(time)}:${run.section}\r\u001b[0K\n`;
    run.section = undefined;
    return line;
  };
  return {
    linesAt: (event) => {
      const run = runOf(event);
      if (event.type === "planned") run.plan = event.plan;
      const { block = "", action = "", image = "" } = run.plan?.record ?? {};
      if (event.type === "building")
        return start(run, event.time, "build", `build image ${image}`, "[collapsed=true]");
      if (event.type === "starting")
        return start(run, event.time, `run_${block}_${action}`, `run ${block} ${action}`);
      return event.type === "built" || event.type === "finished" ? end(run, event.time) : "";
    },
    end: () => "",
  };
}

/** Since 1970. */
function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
