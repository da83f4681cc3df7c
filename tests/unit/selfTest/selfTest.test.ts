import { expect, test } from "bun:test";
import type { DockerFacts } from "../../../src/doctor/engineFacts.ts";
import { selfTestFacts } from "../../../src/selfTest/selfTest.ts";
import { version } from "../../../src/version.ts";

const facts: DockerFacts = {
  program: "docker",
  client: { version: "28.2.2", api: "1.50" },
  engine: {
    version: "20.10.24",
    api: "1.41",
    podman: undefined,
    minApi: "1.12",
    system: "Debian",
    rootless: true,
    remapped: false,
    mappedIds: undefined,
    root: "/home/me/docker",
    cgroups: "v2, none",
    unlimited: [],
  },
  refusal: "",
  context: { name: "mine", endpoint: "ssh://me@secret.example.org" },
  builder: "classic",
  logins: { registries: ["registry.example.org"], helpers: [] },
};

test("a report has versions and kinds, and neither hosts, paths nor logins", () => {
  const { polycrate = "", ...others } = selfTestFacts(facts, "alpine:3");
  expect(polycrate).toStartWith(`${version}, `);
  expect(others).toEqual({
    client: "docker 28.2.2",
    engine: "docker 20.10.24, Debian, rootless",
    connection: "ssh",
    image: "alpine:3",
  });
});

test("what docker does not report is named as such", () => {
  const context = { name: "default", endpoint: "" };
  const bare = { ...facts, client: undefined, engine: undefined, context };
  expect(selfTestFacts(bare, "a")).toMatchObject({ client: "none", engine: "none", connection: "default" });
});
