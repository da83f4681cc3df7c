import { isUtf8 } from "node:buffer";
import { isTooShortToMask } from "../secrets/mask.ts";
import type { Container } from "./container.ts";
import type { Warning } from "./plan.ts";

/** What of a container has secrets. */
type WithSecrets = Pick<Container, "environment" | "secrets" | "secretFiles">;

/** Returns the values that are masked in the output: those of secret variables, all of `secrets.poly`, and decrypted texts. */
export function maskedValues({ environment, secrets, secretFiles }: WithSecrets): readonly string[] {
  const contents = secretFiles
    .map(({ reveal }) => Buffer.from(reveal()))
    .filter((content) => isUtf8(content));
  return [
    ...contents.map((content) => content.toString()),
    ...environment.flatMap(({ value, secret }) => (secret === undefined ? [] : [value])),
    ...secrets.flatMap(({ texts }) => texts),
  ];
}

/** Returns a warning for each secret that is too short to be masked. */
export function shortSecretWarnings({ environment, secrets }: WithSecrets): readonly Warning[] {
  const short = environment.filter(
    ({ value, secret }) => secret !== undefined && value !== "" && isTooShortToMask(value),
  );
  const shortInFile = secrets.filter(({ texts }) => texts.some(isTooShortToMask));
  const names = new Set([...short.map(({ name }) => name), ...shortInFile.map(({ key }) => key)]);
  return Array.from(names, (name) => ({
    message: `the secret \`${name}\` is too short to be masked in the output`,
    hint: "use a secret of at least 4 characters",
  }));
}
