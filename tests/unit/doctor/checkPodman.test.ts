import { expect, test } from "bun:test";
import { checkPodman } from "../../../src/doctor/checkPodman.ts";
import type { DockerFacts, EngineFacts } from "../../../src/doctor/engineFacts.ts";

const engine: EngineFacts = {
  ...{ version: "4.3.1", podman: "4.3.1", api: "", minApi: "", system: "debian, crun, cgroups v2" },
  ...{ rootless: true, remapped: false, mappedIds: 65_537, root: "/home/anna/.local/share/containers" },
  ...{ cgroups: "v2, systemd", unlimited: [] },
};

const facts: DockerFacts = {
  ...{ program: "podman", client: { version: "4.3.1", api: undefined }, engine, refusal: "" },
  ...{ context: { name: "podman", endpoint: "unix:podman" }, builder: "engine" },
  logins: { registries: [], helpers: [] },
};

const lines = (changes: Partial<DockerFacts> = {}) =>
  checkPodman({ ...facts, ...changes }, { uid: 1000 }).map(
    ({ level, check, message }) => `${level} ${check}: ${message}`,
  );

test("podman is described: as whom it runs, and what it cannot do", () => {
  expect(lines()).toEqual([
    "ok client: podman 4.3.1",
    "ok engine: podman itself, rootless, debian, crun, cgroups v2",
    "ok files: podman maps root to you, so you own the files that actions write as root",
    "ok limits: no caches, no warm containers, no registry of blocks, no contexts",
  ]);
  expect(lines({ engine: { ...engine, rootless: false } })[1]).toContain("as root");
});

test.each<[Partial<DockerFacts>, string]>([
  [{ client: undefined, engine: undefined }, "error client: `podman` was not found on PATH"],
  [
    { engine: undefined, refusal: "Error: no storage\nmore" },
    "error engine: podman does not work: Error: no storage",
  ],
  [{ client: { version: "3.4.4", api: undefined } }, "warning client: podman 3.4.4, which is older than 4.3"],
  [
    { engine: { ...engine, mappedIds: 1 } },
    "warning files: podman maps only 1 ids for uid 1000, so images with other users cannot be unpacked",
  ],
])("%j: %s", (changes, expected) => {
  expect(lines(changes)).toContain(expected);
});
