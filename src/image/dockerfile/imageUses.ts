import { type DockerfileInstruction, dockerfileLines, triggerOf } from "./lines.ts";
import { type DockerfileBase, flagValues, mountFieldsOf, readDockerfile } from "./sources.ts";

/**
 * A place where a Dockerfile names an image. `written` is the name as it stands there; `image` is undefined where a variable
 * has no value that the Dockerfile determines.
 */
export type ImageUse = {
  readonly line: number;
  readonly by: "syntax" | "FROM" | "COPY" | "RUN";
  readonly written: string;
  readonly image: string | undefined;
};

/** Returns the images that a Dockerfile names, in its order: its frontend, bases, and what is copied or mounted from others. */
export function imageUses(text: string): readonly ImageUse[] {
  const { syntax } = dockerfileLines(text);
  const { from, instructions } = readDockerfile(text);
  const frontend = syntax?.value.split(/\s/)[0] ?? "";
  return [
    ...(syntax === undefined
      ? []
      : [{ line: syntax.line, by: "syntax", written: frontend, image: frontend } as const]),
    ...instructions.flatMap((instruction): readonly ImageUse[] => {
      if (instruction.keyword === "FROM") {
        const base = from.find(({ line }) => line === instruction.line);
        return base?.kind === "image" ? [useOfBase(base)] : [];
      }
      const added = instruction.keyword === "ONBUILD" ? triggerOf(instruction) : instruction;
      return copiedFrom(added)
        .filter((name) => !isStage(name, from))
        .map((image) => ({
          line: instruction.line,
          by: added.keyword === "RUN" ? "RUN" : "COPY",
          written: image,
          image,
        }));
    }),
  ];
}

function useOfBase({ line, written, image }: DockerfileBase): ImageUse {
  return { line, by: "FROM", written, image };
}

/** The images, stages and numbers of stages that `COPY --from` and `RUN --mount=from=` name. Builders expand no variables there. */
function copiedFrom(instruction: DockerfileInstruction): readonly string[] {
  const flags = flagValues(instruction);
  if (instruction.keyword === "COPY") return oneName(flags.get("from")?.at(-1));
  if (instruction.keyword !== "RUN") return [];
  return (flags.get("mount") ?? []).flatMap((mount) => oneName(mountFieldsOf(mount).get("from")));
}

function oneName(name: string | undefined): readonly string[] {
  return name === undefined || name === "" || name.includes("$") ? [] : [name];
}

function isStage(name: string, from: readonly DockerfileBase[]): boolean {
  return name === "scratch" || /^\d+$/.test(name) || from.some(({ stage }) => stage === name.toLowerCase());
}
