import * as v from "valibot";
import type { YamlNumber } from "../../../yaml/value.ts";
import { list, maybe, text, yamlNumber } from "./values.ts";

/** Every capability of Linux, without `CAP_` (capabilities(7), Linux 6.1). */
const capabilityNames = [
  "AUDIT_CONTROL",
  "AUDIT_READ",
  "AUDIT_WRITE",
  "BLOCK_SUSPEND",
  "BPF",
  "CHECKPOINT_RESTORE",
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "IPC_LOCK",
  "IPC_OWNER",
  "KILL",
  "LEASE",
  "LINUX_IMMUTABLE",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
  "MKNOD",
  "NET_ADMIN",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_RAW",
  "PERFMON",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_CHROOT",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PACCT",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "WAKE_ALARM",
] as const;

const capability = v.pipe(
  text,
  v.regex(
    new RegExp(`^(?:CAP_)?(?:${capabilityNames.join("|")})$`),
    "expected the name of a capability, like `NET_BIND_SERVICE`",
  ),
  v.transform((input) => input.replace(/^CAP_/, "")),
);

/** In bytes. docker allows no less than 6 MiB. */
const leastMemory = 6 * 1024 ** 2;

const unitSizes: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Returns the bytes of a size like `512m`; 0 for anything else. */
function sizeInBytes(written: string): number {
  const [, number = "0", unit = "b"] = /^(\d{1,15})([bkmg])?$/i.exec(written) ?? [];
  return Number(number) * (unitSizes[unit.toLowerCase()] ?? 0);
}

const memory = v.pipe(
  text,
  v.check((input) => sizeInBytes(input) >= leastMemory, "expected a size of 6m or more, like `512m` or `2g`"),
  v.metadata({ pattern: "^[0-9]{1,15}[bkmgBKMG]?$" }),
  v.transform((written) => ({ written, bytes: sizeInBytes(written) })),
);

const processors = v.pipe(
  v.custom<YamlNumber>(
    (input) =>
      v.is(yamlNumber, input) && /^\d{1,4}(?:\.\d{1,9})?$/.test(input.digits) && Number(input.digits) >= 0.01,
    "expected a number of processors of 0.01 or more, like `1.5`",
  ),
  v.metadata({ minimum: 0.01, maximum: 9999 }),
  v.transform((input) => Number(input.digits)),
);

const processes = v.pipe(
  v.custom<YamlNumber>(
    (input) =>
      v.is(yamlNumber, input) &&
      /^[1-9]\d{0,6}$/.test(input.digits) &&
      Number(input.digits) >= leastProcesses,
    "expected a whole number of processes of 8 or more",
  ),
  v.metadata({ type: "integer", minimum: 8, maximum: 9_999_999 }),
  v.transform((input) => Number(input.digits)),
);

/** The init, the script's shell and the threads of the engine's own runtime (runc) count too. */
const leastProcesses = 8;

const network = v.pipe(
  text,
  v.regex(
    /^(?!default$)[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    "expected `none`, `bridge`, `host` or the name of a network",
  ),
);

const writableFolder = v.pipe(
  text,
  v.regex(
    /^(?!\.?\/?$)(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\n]+$/,
    "expected a folder of the workspace, like `artifacts`",
  ),
  v.transform((input) =>
    input
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/"),
  ),
);

/** What containers are limited to. An action sets the same keys, to no more than the workspace does. */
export const limits = {
  network: v.pipe(
    maybe(network),
    v.description("The network: `none`, `bridge` (default), `host`, or the name of one."),
  ),
  workspace: v.pipe(
    maybe(v.picklist(["read-write", "read-only"], "expected `read-write` or `read-only`")),
    v.description("Whether actions can write to the workspace: `read-write` (default) or `read-only`."),
  ),
  writable: v.pipe(
    maybe(list(writableFolder, "expected a list of folders of the workspace")),
    v.description("Folders of a `read-only` workspace that actions can write to: `[artifacts]`."),
  ),
  memory: v.pipe(
    maybe(memory),
    v.description("The memory that a container can use, without swap: `512m`, `2g`."),
  ),
  cpus: v.pipe(maybe(processors), v.description("The processor time, in processors: `1.5`.")),
  pids: v.pipe(maybe(processes), v.description("How many processes and threads a container can have.")),
  capabilities: v.pipe(
    maybe(
      v.union(
        [
          v.pipe(
            v.literal("none"),
            v.transform((): string[] => []),
          ),
          list(capability, "expected `none` or a list of capabilities"),
        ],
        "expected `none` or a list of capabilities",
      ),
    ),
    v.description("The capabilities of root in the container: `none`, or all that it has: `[CHOWN]`."),
  ),
} as const;

/** The keys of the limits. */
export const limitKeys = [
  "network",
  "workspace",
  "writable",
  "memory",
  "cpus",
  "pids",
  "capabilities",
] as const;
