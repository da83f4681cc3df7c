import { exitCodes, PolycrateError, printable } from "../errors.ts";
import { isAlive, isOfThisHost, type Owner } from "./owner.ts";
import { lockHolder, tryLock } from "./tryLock.ts";

/** Options of waiting for a lock: `onWait` gets a message for each process that holds it. */
export type LockOptions = {
  readonly onWait: (message: string) => void;
  readonly cancelled?: AbortSignal | undefined;
};

/**
 * Takes the lock of that name; while another process holds it, reports that process and waits. Returns whether it waited,
 * and a function that releases the lock. A lock of a process that has ended is taken over. Throws (73) when it cannot be
 * written, or is not a lock file, and the reason with which `cancelled` was aborted.
 */
export async function takeLock(
  workspace: string,
  name: string,
  what: string,
  { onWait, cancelled }: LockOptions,
) {
  const file = `.polycrate/locks/${name}`;
  let waitsFor: string | undefined;
  for (let unreadable = 0; ; ) {
    const held = tryLock(workspace, file, "");
    if (held !== undefined) return { waited: waitsFor !== undefined, release: held.release };
    const holder = lockHolder(workspace, file)?.owner;
    // None: it was released just now, or is created and has no content yet.
    unreadable = holder === undefined ? unreadable + 1 : 0;
    if (unreadable > 20) throw notALock(file);
    if (holder !== undefined && isAlive(holder)) {
      const shown = holderText(holder, what);
      if (shown !== waitsFor) {
        const hint = isOfThisHost(holder)
          ? ""
          : `\nhint: if that process has ended, remove \`${file}\`; Ctrl-C cancels`;
        onWait(`waiting for ${shown}${hint}`);
      }
      waitsFor = shown;
    }
    await Bun.sleep(100);
    cancelled?.throwIfAborted();
  }
}

function holderText(holder: Owner, what: string): string {
  const isOurs = isOfThisHost(holder) && holder.pid === process.pid;
  return isOurs
    ? `another step that ${what}`
    : `another process that ${what} (pid ${holder.pid} on ${printable(holder.host)})`;
}

function notALock(file: string): PolycrateError {
  return new PolycrateError(`\`${file}\` is not a polycrate lock file`, {
    hint: "remove it",
    exitCode: exitCodes.cannotWrite,
  });
}
