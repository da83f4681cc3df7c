import type { ContainerSettings } from "./poly/schema/container.ts";
import { limitKeys } from "./poly/schema/limits.ts";

/** A key of a limit. */
export type LimitKey = (typeof limitKeys)[number];

/** The limits as they are set in one place, by the workspace or an action. */
export type LimitSettings = Pick<ContainerSettings, LimitKey>;

/** The limits of a container; what is undefined is left to the engine. */
export type Limits = {
  readonly network: string | undefined;
  readonly isReadOnly: boolean;
  /** Folders of a read-only workspace that can be written, relative to it. */
  readonly writable: readonly string[];
  readonly memory: string | undefined;
  readonly cpus: number | undefined;
  readonly pids: number | undefined;
  /** All capabilities that the container has. */
  readonly capabilities: readonly string[] | undefined;
};

/** Returns the limits of a container: those of the action, else of the workspace. */
export function limitsOf(workspace: LimitSettings, action: LimitSettings = {}): Limits {
  const isReadOnly = (action.workspace ?? workspace.workspace) === "read-only";
  return {
    network: action.network ?? workspace.network ?? undefined,
    isReadOnly,
    writable: isReadOnly ? (action.writable ?? workspace.writable ?? []) : [],
    memory: (action.memory ?? workspace.memory)?.written,
    cpus: action.cpus ?? workspace.cpus ?? undefined,
    pids: action.pids ?? workspace.pids ?? undefined,
    capabilities: action.capabilities ?? workspace.capabilities ?? undefined,
  };
}

/** What is wrong with the limit of a key. */
export type LimitProblem = { readonly key: LimitKey; readonly message: string; readonly hint: string };

/** Returns the problems of one place's limits with each other; `above` has what the workspace sets for an action. */
export function limitConflicts(own: LimitSettings, above: LimitSettings = {}): readonly LimitProblem[] {
  const isReadOnly = (own.workspace ?? above.workspace) === "read-only";
  if (isReadOnly || (own.writable ?? undefined) === undefined) return [];
  const message = "`writable` has no effect on a workspace that can be written";
  return [{ key: "writable", message, hint: "add `workspace: read-only`, or remove it" }];
}

/** Returns for each limit of an action that is more than the workspace allows what is wrong with it. */
export function widenedLimits(action: LimitSettings, workspace: LimitSettings): readonly LimitProblem[] {
  return limitKeys.flatMap((key) => {
    const allowed = hasLimit(action, key) ? widened[key](action, workspace) : undefined;
    if (allowed === undefined) return [];
    const message = `\`${key}\` of an action can only be less than that of the workspace, which is ${allowed}`;
    return [{ key, message, hint: `set \`config.container.${key}\` to what all actions together need` }];
  });
}

function hasLimit(settings: LimitSettings, key: LimitKey): boolean {
  return (settings[key] ?? undefined) !== undefined;
}

/** What the workspace allows, in words, if that is less than what the action sets. */
const widened: Readonly<
  Record<LimitKey, (action: LimitSettings, workspace: LimitSettings) => string | undefined>
> = {
  network: ({ network: wanted }, { network }) => {
    const allowed = network ?? "bridge";
    const isLess = wanted === "none" || wanted === allowed || (wanted === "bridge" && allowed === "host");
    return isLess ? undefined : `\`${allowed}\``;
  },
  workspace: (action, { workspace }) =>
    action.workspace === "read-write" && workspace === "read-only" ? "`read-only`" : undefined,
  writable: ({ writable: wanted }, { workspace, writable }) => {
    const allowed = workspace === "read-only" ? (writable ?? []) : undefined;
    const isLess = (wanted ?? []).every(
      (one) => allowed?.some((folder) => isInFolder(one, folder)) !== false,
    );
    return isLess ? undefined : listed(allowed ?? []);
  },
  memory: ({ memory: wanted }, { memory }) =>
    isMore(wanted?.bytes, memory?.bytes) ? `\`${memory?.written}\`` : undefined,
  cpus: ({ cpus: wanted }, { cpus }) => (isMore(wanted, cpus) ? `\`${cpus}\`` : undefined),
  pids: ({ pids: wanted }, { pids }) => (isMore(wanted, pids) ? `\`${pids}\`` : undefined),
  capabilities: ({ capabilities: wanted }, { capabilities }) => {
    const allowed = capabilities ?? defaultCapabilities;
    return (wanted ?? []).every((one) => allowed.includes(one)) ? undefined : listed(allowed);
  },
};

function isMore(wanted: number | null | undefined, allowed: number | null | undefined): boolean {
  return typeof wanted === "number" && typeof allowed === "number" && wanted > allowed;
}

function isInFolder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? "nothing" : words.map((word) => `\`${word}\``).join(", ");
}

/** What docker gives to a container without flags (docker 20.10 to 28). */
export const defaultCapabilities: readonly string[] = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "NET_RAW",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];
