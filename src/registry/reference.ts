/** Returns the image by its digest instead of its tag: `debian:12` becomes `debian@sha256:…`. */
export function withDigest(reference: string, digest: string): string {
  return `${repositoryOf(reference)}@${digest}`;
}

/** True for an image that is named by its content: by a digest, or by its id. */
export function isPinned(reference: string): boolean {
  return /(?:@|^)sha256:[0-9a-f]{64}$/.test(reference);
}

/** Returns the reference without its tag and digest. */
export function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
