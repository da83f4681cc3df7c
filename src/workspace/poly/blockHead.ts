import type { YamlMap } from "../../yaml/value.ts";

/**
 * The keys of a block that say what it is, what it inherits from and where its files are. Merging works key by key, so the head
 * of a merged block is the merged head: who needs no more of a block never reads the rest.
 */
const headKeys = ["name", "version", "from", "alias", "description", "inventory", "kubeconfig"];

/** Returns the head of a block. */
export function blockHeadOf(value: YamlMap): YamlMap {
  return new Map(
    headKeys.flatMap((key) => {
      const found = value.get(key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}
