import { isYamlList, type YamlMap, type YamlPath } from "../../yaml/value.ts";
import { type PolyFile, problemIn } from "../poly/polyFile.ts";
import type { Problem } from "../poly/problems.ts";

/** Returns a problem for each item of an action's script that is a Go template, which the Go program expanded. */
export function lintScript(file: PolyFile, action: YamlMap, at: YamlPath): readonly Problem[] {
  const script = action.get("script");
  const items = isYamlList(script) ? script : [script];
  return items.flatMap((item, index): readonly Problem[] => {
    const template = typeof item === "string" ? templateIn(item) : undefined;
    if (template === undefined) return [];
    return [
      problemIn(file, {
        severity: "warning",
        code: "go-template",
        at: [...at, "script", ...(isYamlList(script) ? [index] : [])],
        message: `\`${template}\` is not expanded: scripts are not Go templates`,
        hint: "read the value in the script: `yq eval '.block.config.KEY' \"$POLYCRATE_SNAPSHOT_FILE\"`",
      }),
    ];
  });
}

/** The variables of the Go program's templates. */
const roots = /\.(?:Workspace|Block|Action|Workflow|Step|Snapshot|Transaction)\b/i;
const statement = /^\{\{-?\s*(?:\.|\$|if |range |with |else\b|end\b|define |template |env |toYaml )/;

/** Programs with templates of their own, such as `docker ps --format '{{.Names}}'`. */
const templatePrograms =
  /--format|--template|go-template|\b(?:docker|podman|nerdctl|crictl|kubectl|oc|helm|consul-template|gomplate|ansible|jinja2?|j2)\b/;

function templateIn(item: string): string | undefined {
  for (const line of item.split("\n")) {
    for (const [template] of line.matchAll(/\{\{.*?\}\}/g)) {
      if (roots.test(template)) return template;
      if (statement.test(template) && !templatePrograms.test(line)) return template;
    }
  }
  return undefined;
}
