import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { imageAsThen } from "../../../src/run/imageAsThen.ts";
import { fakeEngine, shell } from "../../support/fakes.ts";

const digest = `busybox@sha256:${"1".repeat(64)}`;
const id = `sha256:${"2".repeat(64)}`;

/** The image of a record when the engine has these. */
function imageOf(fields: Readonly<Record<string, string>>, here: readonly string[], asks = true) {
  const engine = fakeEngine({
    inspectImage: (_, [name = ""]) => shell(here.includes(name) ? `echo ${id}` : "exit 1"),
  });
  const record = new Map(Object.entries({ image: "busybox", ...fields }));
  const recorded = { id: "1", status: "failed", record, file: "", log: "" } as const;
  return imageAsThen(engine, tmpdir(), recorded, { asks });
}

test.each([
  [[digest, id], digest],
  [[id], id],
  [[digest], digest],
])("when the engine has %j, it is %s", async (here, expected) => {
  expect(await imageOf({ image_digest: digest, image_id: id }, here)).toBe(expected);
});

test("an image that is gone is an error: 125; without asking it counts as there", async () => {
  await expect(imageOf({ image_digest: digest, image_id: id }, [])).rejects.toMatchObject({
    exitCode: 125,
    hint: expect.stringContaining(`docker pull ${digest}`),
  });
  await expect(imageOf({ image_id: id }, [])).rejects.toMatchObject({ exitCode: 125 });
  expect(await imageOf({ image_id: id }, [], false)).toBe(id);
});

test.each([{}, { image_id: "--privileged" }, { image_digest: "-x@sha256:1", image_id: "busybox" }])(
  "a record with %j does not say which image it was: 64",
  async (fields) => {
    await expect(imageOf(fields, ["--privileged", "busybox"])).rejects.toMatchObject({ exitCode: 64 });
  },
);
