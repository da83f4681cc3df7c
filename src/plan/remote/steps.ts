import type { Arg } from "../../host/arg.ts";
import type { Image } from "../../image/image.ts";
import type { StepVariable } from "../stepVariable.ts";

/** Creates the container, which does not run yet. */
export type CreateStep = {
  readonly kind: "create";
  readonly argv: readonly Arg[];
  /** Variables for the command's own process, none of them secret. */
  readonly environment: readonly StepVariable[];
  readonly image: Image;
  readonly container: string;
  readonly shell: string;
};

/** Sends the workspace and the files of the run to the created container: a tar on the command's standard input. */
export type SendStep = {
  readonly kind: "send";
  readonly argv: readonly Arg[];
  readonly image: Image;
  readonly container: string;
  readonly parcel: Parcel;
  /** The file of the run in which it is noted what was sent. */
  readonly note: string;
};

/** What a container is sent, at the places where it would be mounted. Paths in the container have no slash before them. */
export type Parcel = {
  /** Where the workspace is in the container, and what of it does not travel: folders and files, relative to it. */
  readonly workspace: string;
  readonly stays: readonly string[];
  /** Folders that exist beforehand, in this order. */
  readonly folders: readonly { readonly to: string; readonly mode: number }[];
  /** Files and folders of this machine, absolute; a file without a mode keeps its own. */
  readonly files: readonly {
    readonly from: string;
    readonly to: string;
    readonly mode: number | undefined;
  }[];
  /** To whom all of it belongs there: the user of the action. */
  readonly owner: { readonly uid: number; readonly gid: number };
};

/** What the entrypoint is handed on its standard input, so that it is in no file and no configuration of the container. */
export type Handed = {
  readonly variables: readonly StepVariable[];
  /** Files at a path of the container: what may be shown of one is the file `shown` of the run. */
  readonly files: readonly {
    readonly path: string;
    readonly shown: string;
    readonly reveal: () => string | Uint8Array;
  }[];
};

/** Fetches what the action changed: each command prints a tar on its standard output. */
export type FetchStep = {
  readonly kind: "fetch";
  /** The folder in which the entrypoint noted what changed. */
  readonly argv: readonly Arg[];
  /** The whole workspace, for an action that was killed, and for images that cannot note it. */
  readonly whole: readonly Arg[];
  readonly image: Image;
  readonly container: string;
  /** The file of the run that notes what was sent. */
  readonly note: string;
  readonly back: WayBack;
};

/** How files come back. */
export type WayBack = {
  /** What the paths in the two archives begin with. */
  readonly noted: string;
  readonly workspace: string;
  /** Paths of the workspace that did not travel. */
  readonly stays: readonly string[];
  /** Files of which both versions are kept, line by line, if both changed. */
  readonly mergedByLine: readonly string[];
  /** Relative to the workspace here: a folder for what comes, and one for theirs of files that were changed here meanwhile. */
  readonly staging: string;
  readonly conflicts: string;
};

/** Removes the container. */
export type RemoveStep = {
  readonly kind: "remove";
  readonly argv: readonly Arg[];
  readonly image: Image;
  readonly container: string;
};
