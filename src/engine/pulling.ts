/** True for output in which docker's client says that it pulls the image of a container. */
export function isPulling(output: string): boolean {
  return /^(?:Unable to find image '.+' locally|[^\s:]+: Pulling from \S+)/m.test(output);
}
