import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Owner } from "../../src/host/owner.ts";

/** A process that has ended and that its parent does not ask for, as in a container whose first process never does: the shell that started it has become `sleep` by then. */
export async function makeZombie(): Promise<Disposable & { readonly owner: Owner }> {
  const parent = Bun.spawn(["sh", "-c", "sleep 0.1 & echo $!; exec sleep 600"], { stdout: "pipe" });
  const { value } = await parent.stdout.getReader().read();
  const pid = Number(new TextDecoder().decode(value));
  const fields = () =>
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  while (fields()[0] !== "Z") await Bun.sleep(5);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  return {
    owner: { host: hostname(), pid, start: `${boot}-${fields()[19]}` },
    [Symbol.dispose]: () => parent.kill("SIGKILL"),
  };
}
