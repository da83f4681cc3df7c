import type { ContainerIdentity, Engine, PullPolicy } from "../../engine/engine.ts";
import type { Image } from "../../image/image.ts";
import type { Container } from "../container.ts";
import type { Step } from "../plan.ts";

/** Where the users of images are kept, one file for each image. */
const keptUsers = ".polycrate/cache/users";

/** Prints passwd and group with nothing but what every shell has. */
const readUsers =
  'for file in passwd group; do [ ! -r /etc/$file ] || while IFS= read -r line || [ -n "$line" ]; do ' +
  'printf "%s\\n" "$file:$line"; done </etc/$file; done';

/**
 * Returns the step that writes the container's passwd and group files: the person's own lines and then the image's, so that
 * whoever looks a number up finds the person first. Nothing is to do for a user that the image has itself. The container that
 * reads is told by its `identity`, as the one of the action is: an image may do something else than what it is asked for.
 */
export function planUsers(
  { person, paths, shell }: Pick<Container, "person" | "paths" | "shell">,
  {
    engine,
    image,
    pull,
    identity,
  }: { engine: Engine; image: Image; pull: PullPolicy | undefined; identity: ContainerIdentity },
): readonly Step[] {
  const { entries } = person;
  if (entries === undefined) return [];
  const { root, path: folder } = paths.runDirectory;
  const relative = (path: string) => path.slice(`${root}/${folder}/`.length);
  return [
    {
      name: "users",
      environment: [],
      argv: engine.readImage({ ...identity, image: image.reference, shell, script: readUsers, pull }),
      reads: {
        shell,
        identify: engine.inspectImage("{{.Id}}", [image.reference]),
        folder: keptUsers,
        anew: pull === "always",
        files: [
          { path: relative(paths.passwd), label: "passwd", content: entries.passwd },
          { path: relative(paths.group), label: "group", content: entries.group },
        ],
      },
    },
  ];
}
