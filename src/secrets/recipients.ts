import { exitCodes, PolycrateError } from "../errors.ts";

/** One for whom files are encrypted: a public key, and the comment above it, or after it as in ssh keys. */
export type RecipientLine = { readonly key: string; readonly name: string | undefined };

/** Returns the recipients of a file as `age --recipients-file` reads it: a key a line, empty lines and comments. */
export function parseRecipients(text: string): readonly RecipientLine[] {
  let comment: string | undefined;
  return text.split(/\r?\n/).flatMap((line): readonly RecipientLine[] => {
    const trimmed = line.trim();
    if (trimmed.startsWith("#")) comment = trimmed.replace(/^#+\s*/, "") || undefined;
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const name = comment;
    comment = undefined;
    return [recipientLine(trimmed, name)];
  });
}

/** Returns the recipient that a word of a command line names: a key, in ssh's case with its comment. */
export function recipientLine(text: string, name?: string): RecipientLine {
  const [type = "", key = "", ...rest] = text.trim().split(/\s+/);
  return key === ""
    ? { key: type, name }
    : { key: `${type} ${key}`, name: name ?? (rest.join(" ") || undefined) };
}

/** Returns the text of such a file. */
export function formatRecipients(recipients: readonly RecipientLine[]): string {
  const lines = recipients.flatMap(({ key, name }) => [...(name === undefined ? [] : [`# ${name}`]), key]);
  return [...lines, ""].join("\n");
}

/** Returns the recipients with these added; one that is there already gets the new name, if there is one. */
export function withRecipients(
  recipients: readonly RecipientLine[],
  added: readonly RecipientLine[],
): readonly RecipientLine[] {
  const byKey = new Map(recipients.map((one) => [one.key, one]));
  for (const one of added) byKey.set(one.key, { ...one, name: one.name ?? byKey.get(one.key)?.name });
  return [...byKey.values()];
}

/** Returns the recipients without those that the words name, by key or name. Throws (64) for one that there is not. */
export function withoutRecipients(
  recipients: readonly RecipientLine[],
  removed: readonly string[],
): readonly RecipientLine[] {
  const isNamed = ({ key, name }: RecipientLine, word: string) =>
    recipientLine(word).key === key || word === name;
  const unknown = removed.find((word) => !recipients.some((one) => isNamed(one, word)));
  if (unknown !== undefined) {
    throw new PolycrateError(`there is no recipient \`${unknown}\``, {
      hint: "`polycrate secrets recipients` lists them",
      exitCode: exitCodes.wrongCommandLine,
    });
  }
  return recipients.filter((one) => !removed.some((word) => isNamed(one, word)));
}
