/** True for output in which the client says that it pulls the image of a container. */
export function isPulling(output: string): boolean {
  return /^(?:Unable to find image '.+' locally|Trying to pull .+\.\.\.|[^\s:]+: Pulling from \S+)/m.test(
    output,
  );
}
