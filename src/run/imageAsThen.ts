import type { Engine } from "../engine/engine.ts";
import { identifyImage } from "../engine/images.ts";
import { exitCodes, PolycrateError } from "../errors.ts";
import type { Recorded } from "../transactions/history.ts";
import { textOf } from "../yaml/value.ts";

/**
 * Returns the name by which the engine has the image that a recorded run used: its digest, else its id. Only if it `asks`,
 * the engine is asked whether it still has it. Throws (64) when the
 * record has neither, (125) when the engine no longer has the image, (69) when the engine does not respond.
 */
export async function imageAsThen(
  engine: Engine,
  directory: string,
  { record }: Recorded,
  { asks }: { readonly asks: boolean },
): Promise<string> {
  const [digest, id, reference] = ["image_digest", "image_id", "image"].map((key) => textOf(record.get(key)));
  const names = [digest, id].filter((name) => name !== undefined && isImageName(name));
  for (const name of names) {
    if (name === undefined) continue;
    if (!asks) return name;
    const found = await identifyImage(engine, name, { directory, environment: process.env });
    if (found !== undefined) return name;
  }
  if (names.length === 0) {
    throw new PolycrateError("the record does not say which image the run used", {
      hint: "leave `--image-as-then` out",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  throw new PolycrateError(
    `the image \`${reference}\` of that run (\`${names[0]}\`) no longer exists locally`,
    {
      hint:
        digest === undefined
          ? "leave `--image-as-then` out to use today's"
          : `\`docker pull ${digest}\` may still get it; leave \`--image-as-then\` out to use today's`,
      exitCode: exitCodes.dockerRefused,
    },
  );
}

/** Anything could be in a record, and a word that begins with `-` would be a flag. */
function isImageName(text: string): boolean {
  return /^(?:[a-z0-9][a-z0-9._/:-]*@)?sha256:[0-9a-f]{64}$/.test(text);
}
