import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { identifyImage, inspectAdditions, workspaceImages } from "../../../src/engine/images.ts";
import { fakeEngine, fakeHost, shell } from "../../support/fakes.ts";

const options = { directory: tmpdir(), environment: process.env };

test("the images of a workspace are asked for once each, and come the newest first", async () => {
  const asked: unknown[] = [];
  const older = '["sha256:1",["a:1","a:2"],"2026-01-01T00:00:00Z",7]';
  const newer = '["sha256:2",null,"2026-01-02T00:00:00Z",8]';
  const engine = fakeEngine({
    listImages: (label) => {
      asked.push(label);
      return shell("printf 'sha256:1\\nsha256:1\\nsha256:2\\n'");
    },
    inspectImage: (...words) => {
      asked.push(words);
      return shell(`printf '%s\\n' "$1" "$2"`, JSON.stringify(JSON.parse(older), undefined, 2), newer);
    },
  });
  expect(await workspaceImages(engine, tmpdir(), fakeHost())).toEqual([
    { id: "sha256:2", references: [], created: new Date("2026-01-02"), size: 8 },
    { id: "sha256:1", references: ["a:1", "a:2"], created: new Date("2026-01-01"), size: 7 },
  ]);
  expect(asked).toEqual([
    `polycrate.workspace=${tmpdir()}`,
    ["[{{json .Id}},{{json .RepoTags}},{{json .Created}},{{json .Size}}]", ["sha256:1", "sha256:2"]],
  ]);
});

test("a workspace without images has none, and nothing more is asked", async () => {
  const engine = fakeEngine({ listImages: () => shell(":"), inspectImage: () => shell("echo wrong") });
  expect(await workspaceImages(engine, tmpdir(), fakeHost())).toEqual([]);
});

test.each([
  ["a", "echo sha256:1", { id: "sha256:1", digest: undefined }],
  ["a", "echo sha256:1; exit 1", undefined],
  ["a", "echo", undefined],
  ["a", "echo 'sha256:1 []'", { id: "sha256:1", digest: undefined }],
  ["a", "echo 'sha256:1 null'", { id: "sha256:1", digest: undefined }],
  ["a", `printf 'sha256:1 [\\n  "b@sha256:2"\\n]\\n'`, { id: "sha256:1", digest: "b@sha256:2" }],
  ["a", `echo 'sha256:1 ["b@sha256:2"]'`, { id: "sha256:1", digest: "b@sha256:2" }],
  ["a:7", `echo 'sha256:1 ["b@sha256:2","a@sha256:3"]'`, { id: "sha256:1", digest: "a@sha256:3" }],
  [
    "docker.io/library/a@sha256:3",
    `echo 'sha256:1 ["b@sha256:2","a@sha256:3"]'`,
    { id: "sha256:1", digest: "a@sha256:3" },
  ],
  [
    "host:5000/x/a",
    `echo 'sha256:1 ["a@sha256:2","host:5000/x/a@sha256:3"]'`,
    { id: "sha256:1", digest: "host:5000/x/a@sha256:3" },
  ],
])("the image %s when the engine does %j is %j", async (reference, text, expected) => {
  const engine = fakeEngine({
    inspectImage: (format, words) => {
      expect([format, words]).toEqual(["{{.Id}} {{json .RepoDigests}}", [reference]]);
      return shell(text);
    },
  });
  expect(await identifyImage(engine, reference, options)).toEqual(expected);
});

test.each([
  [`echo '[["COPY . /"],["A=1"]]'`, { triggers: ["COPY . /"], variables: ["A=1"] }],
  ["echo '[null,null]'", { triggers: [], variables: [] }],
  ["exit 1", undefined],
])("what an image adds when the engine does %j is %j", async (text, expected) => {
  const engine = fakeEngine({
    inspectImage: (format, words) => {
      expect([format, words]).toEqual(["[{{json .Config.OnBuild}},{{json .Config.Env}}]", ["a"]]);
      return shell(text);
    },
  });
  expect(await inspectAdditions(engine, "a", options)).toEqual(expected);
});
