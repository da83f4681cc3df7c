import type { Endpoint } from "./engine.ts";
import { isRefusedConnection } from "./errors.ts";

// docker's client connects anew for each call over ssh, several times for some. sshd refuses connections at random when more than
// ten are not yet authenticated (MaxStartups 10:30:100, sshd_config(5)), whichever process they come from.

/** How many calls over ssh run at once in this process. */
const mostCalls = 4;

/** How often a call is attempted whose connection was refused, and the longest pause between, in milliseconds. */
const attempts = { most: 10, longest: 2000 };

type Line = { running: number; readonly waiting: (() => void)[] };

const lines = new Map<string, Line>();

/**
 * Runs a call of the engine's client, again if sshd refused its connection: then it has done nothing yet. `complaint` returns what
 * the client printed on standard error. At most four calls over ssh run at once; one that goes on when its connection is there calls
 * `give` then, for the next.
 */
export async function connected<Result>(
  { address, name }: Endpoint,
  call: (give: () => void) => Promise<Result>,
  complaint: (result: Result) => string,
): Promise<Result> {
  if (!address.startsWith("ssh://")) return call(() => {});
  for (let attempt = 1; ; attempt += 1) {
    const give = await takePlace(name);
    const result = await call(give).finally(give);
    if (attempt === attempts.most || !isRefusedConnection(complaint(result))) return result;
    await Bun.sleep(Math.random() * Math.min(attempts.longest, 200 * 2 ** attempt));
  }
}

async function takePlace(engine: string): Promise<() => void> {
  const line = lines.get(engine) ?? { running: 0, waiting: [] };
  lines.set(engine, line);
  if (line.running < mostCalls) line.running += 1;
  else await new Promise<void>((resolve) => void line.waiting.push(resolve));
  let isGiven = false;
  return () => {
    if (isGiven) return;
    isGiven = true;
    const next = line.waiting.shift();
    if (next === undefined) line.running -= 1;
    else next();
  };
}
