import type { Engine } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import { type Image, latestImage } from "../image/image.ts";
import type { Step } from "./plan.ts";

/**
 * Returns the build of an image, or nothing when the image is not built from a workspace. Found or built, it is
 * `polycrate-workspace:latest` afterwards.
 */
export function planBuild(engine: Engine, workspace: string, { reference, build }: Image): readonly Step[] {
  if (build === undefined) return [];
  const rename = engine.tagImage(reference, latestImage);
  if (build.when === "never") return [{ name: "build", argv: rename, environment: [] }];
  const { context, noCache, pull } = build;
  const argv = engine.build({
    tags: [reference, latestImage],
    // One, because the classic builder makes a step of each.
    labels: [label("workspace", workspace)],
    noCache,
    pull,
    file: context.file,
    context: context.sentAs === "tar" ? "-" : ".",
  });
  const step: Step = { name: "build", argv, environment: [], context };
  if (build.when === "always") return [step];
  const probe = engine.inspectImage("{{.Id}} {{.RepoTags}}", [reference]);
  return [{ ...step, unless: { argv: probe, rename: { argv: rename, name: latestImage } } }];
}
