import { expect, test } from "bun:test";
import type { ImageBuild } from "../../../src/image/image.ts";
import { buildSteps, imageWarnings, planBuild } from "../../../src/plan/planBuild.ts";
import { docker } from "../../support/engines.ts";
import { contextOf, messageOf } from "../../support/fakes.ts";
import { workspaceOf } from "../../support/planning.ts";

const context = contextOf("FROM a\n");
const reference = "polycrate-workspace:1";
const rename = docker.tagImage(reference, "polycrate-workspace:latest");

function planned(changes: Partial<ImageBuild>) {
  const build: ImageBuild = { context, noCache: false, pull: false, when: "missing", ...changes };
  return { image: { reference, build }, steps: buildSteps(docker, "/w", { reference, build }) };
}

const argv = [
  ...["docker", "build", `--tag=${reference}`, "--tag=polycrate-workspace:latest"],
  ...["--label=polycrate.workspace=/w", "--force-rm", "--file=Dockerfile.poly", "-"],
];

test("an image of a registry is not built", () => {
  const image = { reference, build: undefined };
  expect(buildSteps(docker, "/w", image)).toEqual([]);
  const workspace = workspaceOf({ "workspace.poly": "name: test\n" });
  expect(messageOf(() => planBuild(workspace, docker, image))).toBe("64: the workspace has no Dockerfile");
});

test("a missing image is built; one that is there is found by its name", () => {
  const unless = {
    argv: docker.inspectImage("{{.Id}} {{.RepoTags}}", [reference]),
    rename: { argv: rename, name: "polycrate-workspace:latest" },
  };
  const { image, steps } = planned({});
  expect(steps).toEqual([{ kind: "build", argv, context, image, isOfWorkspace: true, unless }]);
});

test("`--build` asks nothing, `--no-build` only names the image", () => {
  const always = planned({ when: "always" });
  const build = { kind: "build", argv, context, image: always.image, isOfWorkspace: true } as const;
  expect(always.steps).toEqual([{ ...build, unless: undefined }]);
  const never = planned({ when: "never" });
  expect(never.steps).toEqual([{ kind: "tag", argv: rename, image: never.image }]);
});

test("a build without cache, with new base images, from a folder", () => {
  const staged = { ...context, file: "x/Dockerfile", sentAs: "folder" } as const;
  const [step] = planned({ context: staged, noCache: true, pull: true, when: "always" }).steps;
  expect(step?.kind === "build" && step.argv.slice(5)).toEqual([
    "--force-rm",
    "--no-cache",
    "--pull",
    "--file=x/Dockerfile",
    ".",
  ]);
});

test("an image of the workspace that the lock file does not have is a warning", () => {
  const lock = { digests: new Map([["b:1", "sha256:1"]]), missing: ["a:1"] };
  expect(imageWarnings({ reference, build: undefined, lock })).toEqual([
    {
      message: "the image `a:1` is not in `polycrate.lock`, so its name is used as it is",
      hint: "`polycrate lock` adds it",
    },
  ]);
  expect(imageWarnings({ reference, build: undefined })).toEqual([]);
});
