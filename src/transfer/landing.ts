import type { LeftOut } from "./collect.ts";
import type { Manifest } from "./manifest.ts";

/** Where and how what an action wrote on another machine comes back. */
export type Landing = {
  /** The workspace. */
  readonly root: string;
  /** What was sent to the action. */
  readonly manifest: Manifest;
  /**
   * `changes`: an archive of the folder in which the lines of `changeLines` have left what changed. `whole`: one of the whole
   * workspace.
   */
  readonly form: "changes" | "whole";
  /** What the paths in the archive begin with; `.` for nothing. */
  readonly prefix: string;
  /** Paths of the workspace that are never written: those that did not travel, and files that a run adds. */
  readonly stays: readonly string[];
  /** Files of which both versions are kept, line by line, when both changed. */
  readonly mergedByLine: readonly string[];
  /** New folders of the run, relative to the workspace: for files that come, until all have come; for theirs in conflicts. */
  readonly staging: string;
  readonly conflicts: string;
};

/** A path that was changed at both ends. What is here stayed as it was. */
export type Conflict = {
  readonly path: string;
  /** Why theirs was not put into its place, as a clause. */
  readonly reason: string;
  /** Where theirs is, relative to the workspace; undefined when it was removed there. */
  readonly theirs: string | undefined;
};

/** What has come back. */
export type Landed = {
  /** Files and links that were written, or got another mode; and what was removed. */
  readonly fetched: number;
  readonly removed: number;
  /** Of the fetched files together. */
  readonly bytes: number;
  readonly conflicts: readonly Conflict[];
  /** What did not come back, and why. */
  readonly leftOut: readonly LeftOut[];
  /** The other files of the folder in the container, such as the status; small ones only. */
  readonly files: ReadonlyMap<string, string>;
};

/** A folder without a complete list of what changed, in which nothing else is missing. */
export type Incomplete = Pick<Landed, "files">;
