import { isYamlMap, type YamlMap, type YamlPath, type YamlValue } from "../../yaml/value.ts";
import type { PolyFinding } from "../poly/problems.ts";
import { isReserved, isVariableName } from "../variableNames.ts";

/** Returns the problems of the `env` of a container, a block or an action, which is at the path. */
export function lintEnv(owner: YamlMap | undefined, at: YamlPath): readonly PolyFinding[] {
  const env = owner?.get("env");
  if (!isYamlMap(env)) return [];
  return Array.from(env, ([key, value]) => lintVariable(String(key), value, [...at, "env", key])).flat();
}

/** Returns the problems of one variable. */
export function lintVariable(name: string, value: YamlValue, at: YamlPath): readonly PolyFinding[] {
  const wrong = { severity: "error", code: "wrong-variable", at, part: "key" } as const;
  if (!isVariableName(name)) {
    const hint = "use letters, digits and `_`; it must not start with a digit";
    return [{ ...wrong, message: `\`${name}\` is not a valid variable name`, hint }];
  }
  if (isReserved(name)) {
    const message = `the variable \`${name}\` is set by polycrate`;
    return [{ ...wrong, message, hint: "choose another name" }];
  }
  if (value === null) {
    const hint = `write \`${name}: ""\` for an empty value`;
    return [{ ...wrong, message: `the variable \`${name}\` has no value`, hint }];
  }
  const reference = typeof value === "string" ? expansionIn(value, name) : undefined;
  if (reference !== undefined) {
    return [
      {
        severity: "warning",
        code: "unexpanded-variable",
        at,
        message: `the value of \`${name}\` is not expanded: it contains \`${reference}\` literally`,
        hint: `write \`export ${name}=…\` in the script, or \`ENV ${name}=…\` in the Dockerfile`,
      },
    ];
  }
  if (typeof value !== "string" || !isSecretName(name) || /^(?:|true|false|yes|no|on|off)$/i.test(value)) {
    return [];
  }
  return [
    {
      severity: "warning",
      code: "plain-secret",
      at,
      part: "key",
      message: `the variable \`${name}\` looks like a secret, but its value is in the file`,
      hint: `use \`${name}: {from_env: ${name}}\` or \`{from_file: PATH}\` in an \`env\`; see \`polycrate help secrets\``,
    },
  ];
}

/** The reference in a value that expects a shell to expand it, to extend the old value; paths have no dollar sign. */
function expansionIn(value: string, name: string): string | undefined {
  const names = name === "PATH" ? "[A-Za-z_][A-Za-z0-9_]*" : name;
  return new RegExp(`\\$(?:${names}(?![A-Za-z0-9_])|\\{${names}\\b[^}]*\\})`).exec(value)?.[0];
}

/** Names that continue after the word, such as `AWS_ACCESS_KEY_ID` or `TOKEN_FILE`, are not secrets. */
function isSecretName(name: string): boolean {
  return secretWords.test(name) || /(?:^|_)(?:PASS|PW|PWD)$/i.test(name);
}

const secretWords =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|AUTH|SSH|ACCOUNT|MASTER)_?KEY)S?$/i;
