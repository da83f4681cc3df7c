import { closeSync, fstatSync } from "node:fs";
import { PolycrateError } from "../errors.ts";
import { entryNameOf, splitPath } from "../host/fileName.ts";
import { lastFolder } from "../host/lastFolder.ts";
import { openToRead } from "../host/read.ts";
import type { OpenSent } from "./arrival.ts";
import { isAsSent } from "./compare.ts";
import type { Landing } from "./landing.ts";

/** Opens files of the workspace that are as they were sent, to compare what comes with them. */
export function openSentFiles({ root, manifest }: Landing): Disposable & { readonly open: OpenSent } {
  const folders = lastFolder(root);
  const paths = Map.groupBy(manifest.keys(), (path) => manifest.get(path)?.inode);
  return {
    open: (path, size) => {
      const sent = manifest.get(path);
      if (sent?.kind !== "file" || sent.size !== size || paths.get(sent.inode)?.length !== 1)
        return undefined;
      const { folder, name } = splitPath(path);
      try {
        const descriptor = openToRead(folders.at(folder, "look").entry(entryNameOf(name)), "refuse");
        if (typeof descriptor === "string" || isAsSent(sent, fstatSync(descriptor, { bigint: true })))
          return typeof descriptor === "string" ? undefined : descriptor;
        closeSync(descriptor);
      } catch (error) {
        if (!(error instanceof PolycrateError)) throw error;
      }
      return undefined;
    },
    [Symbol.dispose]: () => folders[Symbol.dispose](),
  };
}
