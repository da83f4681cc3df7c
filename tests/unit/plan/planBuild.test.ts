import { expect, test } from "bun:test";
import { docker } from "../../../src/engine/docker.ts";
import type { ImageBuild } from "../../../src/image/image.ts";
import { planBuild } from "../../../src/plan/planBuild.ts";
import { contextOf } from "../../support/fakes.ts";

const context = contextOf("FROM a\n");
const reference = "polycrate-workspace:1";
const rename = docker.tagImage(reference, "polycrate-workspace:latest");

function planned(changes: Partial<ImageBuild>) {
  const build: ImageBuild = { context, noCache: false, pull: false, when: "missing", ...changes };
  return planBuild(docker, "/w", { reference, build });
}

const argv = [
  ...["docker", "build", `--tag=${reference}`, "--tag=polycrate-workspace:latest"],
  ...["--label=polycrate.workspace=/w", "--force-rm", "--file=Dockerfile.poly", "-"],
];

test("an image of a registry is not built", () => {
  expect(planBuild(docker, "/w", { reference, build: undefined })).toEqual([]);
});

test("a missing image is built; one that is there is found by its name", () => {
  const unless = {
    argv: docker.inspectImage("{{.Id}} {{.RepoTags}}", [reference]),
    rename: { argv: rename, name: "polycrate-workspace:latest" },
  };
  expect(planned({})).toEqual([{ name: "build", argv, environment: [], context, unless }]);
});

test("`--build` asks nothing, `--no-build` only names the image", () => {
  expect(planned({ when: "always" })).toEqual([{ name: "build", argv, environment: [], context }]);
  expect(planned({ when: "never" })).toEqual([{ name: "build", argv: rename, environment: [] }]);
});

test("a build without cache, with new base images, from a folder", () => {
  const staged = { ...context, file: "x/Dockerfile", sentAs: "folder" } as const;
  const [step] = planned({ context: staged, noCache: true, pull: true, when: "always" });
  expect(step?.argv.slice(5)).toEqual(["--force-rm", "--no-cache", "--pull", "--file=x/Dockerfile", "."]);
});
