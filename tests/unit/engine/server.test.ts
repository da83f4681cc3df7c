import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { serverError, serverKey } from "../../../src/engine/server.ts";
import { makeFolder } from "../../support/harness.ts";

const components = (version: string) => [
  { Name: "Podman Engine", Version: version },
  { Name: "Conmon", Version: "conmon version 2.1.6" },
];

test.each([
  ["4.3.1", 69],
  ["3.0.0", 69],
  ["4.5.9", 69],
  ["", 69],
  ["4.6.0", undefined],
  ["4.10.1-rc1", undefined],
  ["5.0.0", undefined],
])("podman %s in docker's place: refused with %p", (version, exitCode) => {
  expect(serverError(components(version))?.exitCode).toBe(exitCode);
});

test("the error says what is wrong, and the hint what to do", () => {
  const error = serverError(components("4.3.1"));
  expect(error?.message).toBe(
    "podman 4.3.1 answers in docker's place: before 4.6, docker's client reports actions that fail there as succeeded",
  );
  expect(error?.hint).toContain("`--engine podman`");
});

test.each([[null], [undefined], [[]], ["Podman Engine"], [[{ Name: "Engine", Version: "20.10.24" }]]])(
  "a server that tells %j of itself is not refused",
  (answer) => {
    expect(serverError(answer)).toBeUndefined();
  },
);

test("a server is known by its address and its socket, and by the day if it has none", () => {
  using folder = makeFolder({ sock: "" });
  const now = new Date("2026-11-25T10:00:00Z");
  const key = (address: string) => serverKey({ context: undefined, name: "", address }, now);
  const before = key(`unix://${folder.path}/sock`);
  expect(key(`unix://${folder.path}/sock`)).toBe(before);
  rmSync(join(folder.path, "sock"));
  expect(key(`unix://${folder.path}/sock`)).toBeUndefined();
  folder.write("sock", "");
  expect(key(`unix://${folder.path}/sock`)).not.toBe(before);
  expect(key("ssh://anna@far")).toBe("ssh://anna@far 2026-11-25");
});
