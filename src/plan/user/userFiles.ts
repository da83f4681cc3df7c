import type { ContainerIdentity, Engine, PullPolicy } from "../../engine/engine.ts";
import type { Image } from "../../image/image.ts";
import type { Container } from "../container.ts";
import type { ProbeStep } from "../plan.ts";

/** Where the users of images are kept, one file for each image. */
const keptUsers = ".polycrate/cache/users";

/** Prints passwd and group using only features of every shell. */
const readUsers =
  'for file in passwd group; do [ ! -r /etc/$file ] || while IFS= read -r line || [ -n "$line" ]; do ' +
  'printf "%s\\n" "$file:$line"; done </etc/$file; done';

/** How the image is read: with the identity of the action's container, so that a container that does not exit is cleaned up. */
export type UserProbe = {
  readonly engine: Engine;
  readonly image: Image;
  readonly pull: PullPolicy | undefined;
  readonly identity: ContainerIdentity;
};

/**
 * Returns the step that writes the container's passwd and group files: the user's own lines followed by the image's, so that
 * a lookup by number finds the user first. Returns no step for a user that the image defines.
 */
export function probeUsers(
  { user, paths, shell }: Pick<Container, "user" | "paths" | "shell">,
  { engine, image, pull, identity }: UserProbe,
): readonly ProbeStep[] {
  const { entries } = user;
  if (entries === undefined) return [];
  const { root, path: folder } = paths.runDirectory;
  const relative = (path: string) => path.slice(`${root}/${folder}/`.length);
  return [
    {
      kind: "probe",
      argv: engine.readImage({ ...identity, image: image.reference, shell, script: readUsers, pull }),
      image,
      container: identity.name,
      probe: {
        shell,
        identify: engine.inspectImage("{{.Id}}", [image.reference]),
        folder: keptUsers,
        refresh: pull === "always",
        files: [
          { path: relative(paths.passwd), label: "passwd", content: entries.passwd },
          { path: relative(paths.group), label: "group", content: entries.group },
        ],
      },
    },
  ];
}
