import { type Arg, quote, toShell } from "../../host/arg.ts";
import type { ImageProbe } from "../plan.ts";

/** Returns shell lines for a probe of an image; `command` reads the image, and `run` is the run directory. */
export function probeLines(
  { identify, folder, refresh, files }: ImageProbe,
  command: readonly string[],
  run: string,
): readonly string[] {
  const fresh = quote(`${run}/reading`);
  const kept = `${quote(folder)}/"\${image#*:}"`;
  const condition = refresh ? "true" : `[ -L ${kept} ] || [ ! -f ${kept} ]`;
  return [
    `mkdir -p ${quote(folder)}`,
    `image=$(${written(identify)} 2>/dev/null) || image=none`,
    `if ${condition}; then`,
    ...command.map((line, index) => (index === command.length - 1 ? `  ${line} >${fresh}` : `  ${line}`)),
    `  image=$(${written(identify)})`,
    `  mv ${fresh} ${kept}`,
    "fi",
    ...files.map(
      ({ path, label, content }) =>
        `{ printf '%s' ${quote(content)}; sed -n 's/^${label}://p' ${kept}; } >${quote(`${run}/${path}`)}`,
    ),
  ];
}

function written(words: readonly Arg[]): string {
  return toShell(words).join(" ");
}
