import type { Outputs } from "../../host/output.ts";
import { eventDescriber, eventLine } from "../../reports/events.ts";
import type { Reader } from "../../run/events.ts";

/** Returns the reader that prints the events as lines of JSON on standard output, while they happen. */
export function eventStream({ stdout }: Outputs): Reader {
  const describe = eventDescriber();
  return (event) => {
    let full: Promise<void> | undefined;
    for (const line of describe(event)) full = stdout.write(eventLine(line)) ?? full;
    return full;
  };
}
