import { expect, test } from "bun:test";
import { combineMounts, isCovered } from "../../../src/plan/combineMounts.ts";
import { messageOf } from "../../support/fakes.ts";

test.each([
  ["/root/.ssh/config", "/root/.ssh/config", true],
  ["/root/.ssh/config", "/root/.ssh", true],
  ["/root/.ssh/config", "/root/", true],
  ["/root/.ssh/config", "/root/.ss", false],
  ["/root/.ssh", "/root/.ssh/config", false],
])("%s is covered by a mount at %s: %p", (path, target, expected) => {
  expect(isCovered(path, [target])).toBe(expected);
});

const mount = (source: string, target: string, readonly = false) => ({ source, target, readonly });

test("of two mounts at one target the later level's counts, at the earlier one's place", () => {
  expect(
    combineMounts([
      { origin: "ours", mounts: [mount("/a", "/x"), mount("/b", "/y", true)] },
      { origin: "theirs", mounts: [mount("/c", "/x", true), mount("/d", "/z")] },
    ]),
  ).toEqual([
    { ...mount("/c", "/x", true), origin: "theirs" },
    { ...mount("/b", "/y", true), origin: "ours" },
    { ...mount("/d", "/z"), origin: "theirs" },
  ]);
});

test("the same source twice is fine, another one for the same target is refused: 65", () => {
  const level = (...mounts: readonly ReturnType<typeof mount>[]) => [{ origin: "`--mount`", mounts }];
  expect(combineMounts(level(mount("/a", "/x"), mount("/a", "/x", true)))).toEqual([
    { ...mount("/a", "/x", true), origin: "`--mount`" },
  ]);
  expect(messageOf(() => combineMounts(level(mount("/a", "/x"), mount("/b", "/x"))))).toBe(
    "65: `--mount`: `/a` and `/b` have the same mount target `/x`",
  );
});
