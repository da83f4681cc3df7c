import type { DockerFlag } from "../../engine/flags/dockerFlag.ts";
import type { Caller, Group } from "../../host/user.ts";
import type { Variable } from "../../workspace/environment.ts";

/** The user of the action in the container. By default the image's own user, which is assumed to be root. */
export type ContainerUser = {
  readonly uid: number;
  readonly gid: number;
  /** The user of the image that the workspace's flags name; nothing else is known of it. */
  readonly nameInImage?: string | undefined;
  /** The home that ssh uses: that of the passwd entry, regardless of `HOME`. */
  readonly home: string;
  /** The owner of the user's files on the host: differs from `uid` on engines that map root to the caller. */
  readonly uidOnHost: number;
  readonly variables: readonly Variable[];
  /** The engine's `--user`, `UID:GID`; undefined when the image or the workspace's flags determine the user. */
  readonly runAs: string | undefined;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** The user's lines for the container's passwd and group files; undefined for users that the image defines. */
  readonly entries: { readonly passwd: string; readonly group: string } | undefined;
};

export const rootHome = "/root";

/**
 * Returns the user of the action: that of `--user` in the workspace's flags, else of `config.container.user`. A name is a user
 * of the image, about which nothing is known here.
 */
export function resolveUser(
  setting: string | undefined,
  flags: readonly DockerFlag[],
  caller: Caller,
): ContainerUser {
  const flag = flags.findLast(({ name }) => name === "user");
  const spec =
    flag === undefined ? parseUser(setting ?? "image", caller) : parseUser(flag.value ?? "", caller);
  if (spec === undefined) return { ...rootOf(caller), variables: [], nameInImage: flag?.value };
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

/** docker uses the group 0 when `--user` has no group (docker 28.2). */
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

/** Names of a directory service may contain characters that are special in passwd(5) and in docker's flags. */
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
