import type { ContainerIdentity, Engine, PullPolicy } from "../engine/engine.ts";
import type { Image } from "../image/image.ts";
import type { Container } from "./container.ts";
import type { CacheStep } from "./plan.ts";

/** What the volumes are given to the user with: the identity of the action's container. */
export type CacheOwning = {
  readonly engine: Engine;
  readonly image: Image;
  readonly pull: PullPolicy | undefined;
  readonly identity: ContainerIdentity;
};

/**
 * Returns the step that gives new caches to a user that polycrate defines: docker creates volumes as root's. Returns no step for
 * other users.
 */
export function ownCaches(
  { volumes, user: { entries, uid, gid }, shell }: Pick<Container, "volumes" | "user" | "shell">,
  { engine, image, pull, identity }: CacheOwning,
): readonly CacheStep[] {
  if (volumes.length === 0 || entries === undefined) return [];
  const names = volumes.map(({ name }) => name);
  const mounted = volumes.map((volume) => ({ ...volume, target: `/run/polycrate-caches/${volume.name}` }));
  const request = { ...identity, image: image.reference, shell, volumes: mounted, uid, gid, pull };
  const key = new Bun.CryptoHasher("sha256").update(names.join("\n")).digest("hex");
  return [
    {
      kind: "caches",
      argv: engine.ownVolumes(request),
      image,
      container: identity.name,
      shell,
      identify: engine.inspectVolumes("{{.Name}} {{.CreatedAt}}", names),
      remembered: `.polycrate/cache/volumes/${key}`,
    },
  ];
}
