/** Returns why the image of a reference can change, as a clause; undefined for a version or a digest. */
export function looseTagOf(reference: string): string | undefined {
  if (reference.includes("@") || reference.includes("$")) return undefined;
  const [, tag] = /:([^/:]*)$/.exec(reference) ?? [];
  if (tag === undefined) return `the image \`${reference}\` has no tag, which means \`latest\``;
  return tag === "latest" ? `the image \`${reference}\` has the tag \`latest\`` : undefined;
}

/** The hint for an image reference that does not name a version. */
export const looseTagHint = "use a version tag or a digest, so that the image does not change";

/** True for a valid image reference (the grammar of distribution/reference, docker 28.2). */
export function isImageReference(text: string): boolean {
  return referencePattern.test(text) && text.length <= 255 + 128 + 136;
}

const hostLabel = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const host = `(?:${hostLabel}(?:\\.${hostLabel})*|\\[[A-Fa-f0-9:]+\\])(?::[0-9]+)?`;
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}";
const referencePattern = new RegExp(
  `^(?:${host}/)?${component}(?:/${component})*(?::\\w[\\w.-]{0,127})?(?:@${digest})?$`,
);
