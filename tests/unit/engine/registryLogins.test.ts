import { expect, test } from "bun:test";
import { join } from "node:path";
import { readLogins } from "../../../src/engine/registryLogins.ts";
import { makeFolder } from "../../support/harness.ts";

test.each([
  ["", { registries: [], helpers: [] }],
  ["null", { registries: [], helpers: [] }],
  ['{"auths": null, "credHelpers": 7, "credsStore": ""}', { registries: [], helpers: [] }],
  [
    '{"auths": {"a.example": {"auth": "c2VjcmV0"}, "b.example": {}}, "credsStore": "pass"}',
    { registries: ["a.example", "b.example"], helpers: ["pass"] },
  ],
  [
    '{"auths": {"a.example": {}}, "credHelpers": {"a.example": "ecr", "c.example": "ecr"}, "credsStore": "pass"}',
    { registries: ["a.example", "c.example"], helpers: ["pass", "ecr"] },
  ],
])("%s", (content, expected) => {
  using folder = makeFolder({ "config.json": content });
  expect(readLogins(join(folder.path, "config.json"))).toEqual(expected);
});

test("a file that is missing says nothing", () => {
  expect(readLogins("/nowhere/config.json")).toEqual({ registries: [], helpers: [] });
});
