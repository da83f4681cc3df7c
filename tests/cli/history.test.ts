import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";
import { makeZombie } from "../support/zombie.ts";

test("a run whose polycrate is a zombie is lost", async () => {
  using zombie = await makeZombie();
  const { host, pid, start } = zombie.owner;
  using folder = makeFolder({
    "workspace.poly": "name: test-workspace\n",
    ".logs/2026/11/24/01a20e8a-0000-7000-8000-000000000000.yml": `status: running\nhost: ${host}\npid: ${pid}\npid_start: "${start}"\n`,
  });
  const { stdout } = await folder.run(["history", "--output=json"]);
  expect(JSON.parse(stdout)).toMatchObject([{ status: "lost" }]);
});
