import type { DockerFlag } from "../../engine/flags/dockerFlag.ts";
import type { Caller, Group } from "../../host/user.ts";
import type { Variable } from "../../workspace/environment.ts";

/** Who the action is in the container. Without a choice that is the image's own user, which is taken for root. */
export type ContainerUser = {
  readonly uid: number;
  readonly gid: number;
  /** The home that ssh goes by: the one of the passwd entry, whatever `HOME` says. */
  readonly home: string;
  /** Whose files are the user's own, as the host has it: on engines that map root to the caller another than `uid`. */
  readonly uidOnHost: number;
  readonly variables: readonly Variable[];
  /** What the engine is to be told, `UID:GID`; undefined where the image or the workspace's flags say it. */
  readonly runAs: string | undefined;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** The user's lines for the container's passwd and group files; undefined for users that the image has itself. */
  readonly entries: { readonly passwd: string; readonly group: string } | undefined;
};

export const rootHome = "/root";

/**
 * Returns who the action is: what `--user` among the workspace's flags says, else `config.container.user`. A flag with a
 * name means a user of the image, of whom nothing is known here.
 */
export function resolveUser(
  setting: string | undefined,
  flags: readonly DockerFlag[],
  caller: Caller,
): ContainerUser {
  const flag = flags.findLast(({ name }) => name === "user");
  const spec =
    flag === undefined ? parseUser(setting ?? "image", caller) : parseUser(flag.value ?? "", caller);
  if (spec === undefined) return { ...rootOf(caller), variables: [] };
  const isCaller = spec.uid === caller.uid;
  const isMapped = isCaller && caller.isRootInside;
  if (spec.uid === 0 || isMapped) {
    return { ...rootOf(caller), runAs: flag === undefined || isMapped ? "0:0" : undefined };
  }
  const groups = isCaller ? caller.groups : [];
  const name = loginName(isCaller ? caller.name : "user");
  return {
    uid: spec.uid,
    gid: spec.gid,
    home: `/home/${name}`,
    uidOnHost: spec.uid,
    variables: homeOf(name, `/home/${name}`),
    runAs: flag === undefined ? `${spec.uid}:${spec.gid}` : undefined,
    groups: groups.map(({ gid }) => gid).filter((gid) => gid !== spec.gid),
    entries: entriesOf(name, spec, groups),
  };
}

/** Returns the workspace's flags without a `--user` that `runAs` replaces. */
export function withoutUserFlag(
  { runAs }: ContainerUser,
  flags: readonly DockerFlag[],
): readonly DockerFlag[] {
  return runAs === undefined ? flags : flags.filter(({ name }) => name !== "user");
}

type UserSpec = { readonly uid: number; readonly gid: number };

/** docker takes the group 0 when `--user` names none (docker 28.2). */
function parseUser(text: string, { uid, gid }: Caller): UserSpec | undefined {
  if (text === "host") return { uid, gid };
  if (text === "root") return { uid: 0, gid: 0 };
  const [, user, group] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  return user === undefined ? undefined : { uid: Number(user), gid: Number(group ?? 0) };
}

function rootOf(caller: Caller): ContainerUser {
  return {
    uid: 0,
    gid: 0,
    home: rootHome,
    uidOnHost: caller.isRootInside ? caller.uid : 0,
    variables: homeOf("root", rootHome),
    runAs: undefined,
    groups: [],
    entries: undefined,
  };
}

function homeOf(name: string, home: string): readonly Variable[] {
  return [
    { name: "HOME", value: home },
    { name: "USER", value: name },
  ];
}

/** A directory service may have names with characters that passwd(5) and docker's flags give a meaning of their own. */
function loginName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[-.]+/, "");
  return /^\d*$/.test(plain) || plain === "root" ? "user" : plain;
}

function entriesOf(name: string, { uid, gid }: UserSpec, groups: readonly Group[]): ContainerUser["entries"] {
  const primary = groups.find((group) => group.gid === gid)?.name ?? (gid === 0 ? "root" : name);
  const others = groups.filter((group) => group.gid !== gid);
  return {
    passwd: `${name}:x:${uid}:${gid}::/home/${name}:/bin/sh\n`,
    group: [
      `${primary}:x:${gid}:\n`,
      ...others.map((group) => `${group.name}:x:${group.gid}:${name}\n`),
    ].join(""),
  };
}
