import { expect, test } from "bun:test";
import { join } from "node:path";

test("a process that has secrets, and those that it starts, write no core dumps", async () => {
  const source = join(import.meta.dir, "../../../src/host/coreDumps.ts");
  const program = `const { forbidCoreDumps } = await import(${JSON.stringify(source)});
    await forbidCoreDumps();
    console.log(Bun.spawnSync(["sh", "-c", "ulimit -c; ulimit -Hc"]).stdout.toString());`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  expect((await new Response(child.stdout).text()).trim()).toBe("0\n0");
});
