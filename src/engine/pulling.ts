/** True for what a client prints when it pulls the image of a container (docker 20.10 to 29, podman 4 and 5). */
export function isPulling(output: string): boolean {
  return /^(?:Unable to find image '.+' locally|[^\s:]+: Pulling from \S+|Trying to pull \S+)/m.test(output);
}
