import type { DockerFlag } from "../../engine/flags/dockerFlag.ts";
import type { Caller, Group } from "../../host/user.ts";
import type { Variable } from "../../workspace/environment.ts";

/** Who the action is in the container. Without a choice that is the image's own user, which is taken for root. */
export type Person = {
  readonly uid: number;
  readonly gid: number;
  /** The home that ssh goes by: the one of the passwd entry, whatever `HOME` says. */
  readonly home: string;
  /** Whose files are the person's own, as the host has it: on engines that map root to the caller another than `uid`. */
  readonly uidOnHost: number;
  readonly variables: readonly Variable[];
  /** What the engine is to be told, `UID:GID`; undefined where the image or the workspace's flags say it. */
  readonly runAs: string | undefined;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** The person's lines for the container's passwd and group files; undefined for users that the image has itself. */
  readonly entries: { readonly passwd: string; readonly group: string } | undefined;
};

export const rootHome = "/root";

/**
 * Returns who the action is: what `--user` among the workspace's flags says, else `config.container.user`. A flag with a
 * name means a user of the image, of whom nothing is known here.
 */
export function choosePerson(
  setting: string | undefined,
  flags: readonly DockerFlag[],
  caller: Caller,
): Person {
  const flag = flags.findLast(({ name }) => name === "user");
  const wish = flag === undefined ? wishOf(setting ?? "image", caller) : wishOf(flag.value ?? "", caller);
  if (wish === undefined) return { ...rootOf(caller), variables: [] };
  const isCaller = wish.uid === caller.uid;
  const isMapped = isCaller && caller.isRootInside;
  if (wish.uid === 0 || isMapped) {
    return { ...rootOf(caller), runAs: flag === undefined || isMapped ? "0:0" : undefined };
  }
  const groups = isCaller ? caller.groups : [];
  const name = loginName(isCaller ? caller.name : "user");
  return {
    uid: wish.uid,
    gid: wish.gid,
    home: `/home/${name}`,
    uidOnHost: wish.uid,
    variables: homeOf(name, `/home/${name}`),
    runAs: flag === undefined ? `${wish.uid}:${wish.gid}` : undefined,
    groups: groups.map(({ gid }) => gid).filter((gid) => gid !== wish.gid),
    entries: entriesOf(name, wish, groups),
  };
}

/** Returns the workspace's flags without a `--user` that `runAs` replaces. */
export function flagsBeside({ runAs }: Person, flags: readonly DockerFlag[]): readonly DockerFlag[] {
  return runAs === undefined ? flags : flags.filter(({ name }) => name !== "user");
}

type Wish = { readonly uid: number; readonly gid: number };

/** docker takes the group 0 when `--user` names none (docker 28.2). */
function wishOf(text: string, { uid, gid }: Caller): Wish | undefined {
  if (text === "host") return { uid, gid };
  if (text === "root") return { uid: 0, gid: 0 };
  const [, user, group] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  return user === undefined ? undefined : { uid: Number(user), gid: Number(group ?? 0) };
}

function rootOf(caller: Caller): Person {
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

function entriesOf(name: string, { uid, gid }: Wish, groups: readonly Group[]): Person["entries"] {
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
