/** Returns what is wrong with an image reference that may be another image tomorrow, as a clause; undefined when nothing is. */
export function looseTagOf(reference: string): string | undefined {
  if (reference.includes("@") || reference.includes("$")) return undefined;
  const [, tag] = /:([^/:]*)$/.exec(reference) ?? [];
  if (tag === undefined) return `the image \`${reference}\` has no tag, which means \`latest\``;
  return tag === "latest" ? `the image \`${reference}\` has the tag \`latest\`` : undefined;
}

export const looseTagHint = "name a version, or a digest: what runs is then the same tomorrow";
