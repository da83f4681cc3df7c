import { expect, test } from "bun:test";
import type { Lock } from "../../../src/registry/lock.ts";
import { pinsOf, readPins } from "../../../src/registry/pins.ts";
import { makeFolder } from "../../support/harness.ts";

const digest = `sha256:${"a".repeat(64)}`;
const lock: Lock = [
  { kind: "image", name: "debian:12", digest },
  { kind: "image", name: "reg.example.com:5000/tools", digest },
  { kind: "toolchain", name: "polycrate-toolchain:1.0.0", digest },
  { kind: "block", name: "reg.example.com/web:1", digest },
];

test.each<[string, string]>([
  ["debian:12", `debian@${digest}`],
  ["reg.example.com:5000/tools", `reg.example.com:5000/tools@${digest}`],
  // polycrate builds it from pinned downloads, and no registry has it.
  ["polycrate-toolchain:1.0.0", "polycrate-toolchain:1.0.0"],
  [`alpine@${digest}`, `alpine@${digest}`],
  [`alpine:3@${digest}`, `alpine:3@${digest}`],
  [digest, digest],
])("%s is used as %s, also if everything must be locked", (name, used) => {
  expect(pinsOf(lock, true).pin(name)).toBe(used);
  expect(pinsOf(lock, false).pin(name)).toBe(used);
});

test.each(["debian:13", "debian", "reg.example.com/web:1", "sha256:1", "debian@sha256:1"])(
  "%s is not locked: an error where it is named if it must be, else used and told of",
  (name) => {
    const position = { file: "workspace.poly", line: 3, column: 5 };
    expect(() => pinsOf(lock, true).pin(name, () => position)).toThrow(
      expect.objectContaining({
        message: `the image \`${name}\` is not in \`polycrate.lock\``,
        exitCode: 65,
        position,
      }),
    );
    const pins = pinsOf(lock, false);
    expect([pins.pin(name), pins.pin(name)]).toEqual([name, name]);
    expect(pins.result()?.missing).toEqual([name]);
  },
);

test("what was found is told by its names", () => {
  const pins = pinsOf(lock, false);
  pins.pin("debian:12");
  pins.pin("polycrate-toolchain:1.0.0");
  expect(pins.result()).toEqual({ digests: new Map([["debian:12", digest]]), missing: [] });
});

test("without a lock file nothing is pinned, unless it is required", () => {
  using folder = makeFolder({});
  for (const choice of [
    { locked: undefined, isCi: true },
    { locked: undefined, isCi: false },
    { locked: false, isCi: true },
  ]) {
    const pins = readPins(folder.path, choice);
    expect(pins.pin("debian:13")).toBe("debian:13");
    expect(pins.result()).toBeUndefined();
  }
  expect(() => readPins(folder.path, { locked: true, isCi: false })).toThrow("there is no `polycrate.lock`");
});

test.each([
  [{ locked: undefined, isCi: true }, true],
  [{ locked: undefined, isCi: false }, false],
  [{ locked: true, isCi: false }, true],
  [{ locked: false, isCi: true }, false],
])("%j with a lock file: everything must be in it: %p", (choice, isStrict) => {
  using folder = makeFolder({ "polycrate.lock": `image debian:12 ${digest}\n` });
  const pin = () => readPins(folder.path, choice).pin("debian:13");
  if (isStrict) expect(pin).toThrow("is not in `polycrate.lock`");
  else expect(pin()).toBe("debian:13");
});
