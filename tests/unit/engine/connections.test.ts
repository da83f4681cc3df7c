import { expect, test } from "bun:test";
import { connected } from "../../../src/engine/connections.ts";
import { docker, farDocker } from "../../support/engines.ts";

const refused = "kex_exchange_identification: Connection closed by remote host";

/** Runs as many calls at once, and returns how many went on at the same time. */
async function mostAtOnce(calls: number, endpoint = farDocker.endpoint): Promise<number> {
  let [now, most] = [0, 0];
  const call = async () => {
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    now -= 1;
    return "";
  };
  await Promise.all(Array.from({ length: calls }, () => connected(endpoint, call, String)));
  return most;
}

test("four calls over ssh run at once, and as many as are made where there is no sshd", async () => {
  expect(await mostAtOnce(20)).toBe(4);
  expect(await mostAtOnce(20, docker.endpoint)).toBe(20);
});

test("a call that gives its place lets another begin while it goes on", async () => {
  const later = Promise.withResolvers<string>();
  const long = Array.from({ length: 4 }, () =>
    connected(
      farDocker.endpoint,
      (give) => {
        give();
        return later.promise;
      },
      String,
    ),
  );
  expect(await connected(farDocker.endpoint, async () => "done", String)).toBe("done");
  later.resolve("end");
  expect(await Promise.all(long)).toEqual(["end", "end", "end", "end"]);
});

test("a call whose connection was refused is repeated, any other is not", async () => {
  let calls = 0;
  const call = (answers: readonly string[]) => async () => answers[calls++] ?? "";
  expect(await connected(farDocker.endpoint, call([refused, refused, "fine"]), String)).toBe("fine");
  expect(calls).toBe(3);
  calls = 0;
  expect(await connected(farDocker.endpoint, call(["no such container", "fine"]), String)).toBe(
    "no such container",
  );
  calls = 0;
  expect(await connected(docker.endpoint, call([refused, "fine"]), String)).toBe(refused);
});

test("a call that throws gives its place too", async () => {
  for (let turn = 0; turn < 6; turn += 1) {
    const call = connected(farDocker.endpoint, () => Promise.reject(new Error("odd")), String);
    await expect(call).rejects.toThrow("odd");
  }
});
