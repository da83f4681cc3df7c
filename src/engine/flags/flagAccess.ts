import type { DockerFlag } from "./dockerFlag.ts";
import { flagFields, splitAt } from "./flagMounts.ts";

/** What a flag gives to actions beyond their container: in words, and the host's paths that it names, as they are written. */
export type FlagAccess = { readonly gives: string; readonly paths: readonly string[] };

/**
 * Returns what a flag gives to actions beyond their container, for each thing that it names; nothing for flags that are known to
 * change only the container. A flag that is not known may be one of a newer docker, so it counts. Sources of mounts inside of
 * the workspace are among the paths: whether they are is for the caller to find out, who can resolve links.
 */
export function accessOfFlag({
  name,
  value = "",
}: Pick<DockerFlag, "name" | "value">): readonly FlagAccess[] {
  if (harmless.has(name)) return [];
  if (name === "volume") return accessOfVolume(value);
  if (name === "mount") return accessOfMount(value);
  if (onSwitches.has(name) && /^(?:0|f|F|false|FALSE|False)$/.test(value)) return [];
  const isKnown = Object.hasOwn(given, name);
  const gives = isKnown ? given[name]?.(value) : `\`--${name}\`, which polycrate does not know`;
  return gives === undefined ? [] : [{ gives, paths: pathFlags.has(name) ? [value] : [] }];
}

/** A switch that is off gives nothing. */
const onSwitches: ReadonlySet<string> = new Set([
  "privileged",
  "publish-all",
  "use-api-socket",
  "oom-kill-disable",
]);

/** Flags whose value is a file of the host that docker's client reads. */
const pathFlags: ReadonlySet<string> = new Set(["label-file", "cidfile", "env-file"]);

/** Flags that change the container alone, or limit it (docker 20.10 to 28.2). */
const harmless: ReadonlySet<string> = new Set(
  `add-host attach blkio-weight blkio-weight-device cap-drop cpu-count cpu-percent cpu-period cpu-quota cpu-shares cpus
  cpuset-cpus cpuset-mems detach detach-keys device-read-bps device-read-iops device-write-bps device-write-iops
  disable-content-trust dns dns-opt dns-option dns-search domainname entrypoint expose group-add health-cmd health-interval
  health-retries health-start-interval health-start-period health-timeout help hostname init interactive io-maxbandwidth
  io-maxiops ip ip6 isolation kernel-memory label link-local-ip log-driver log-opt mac-address memory memory-reservation
  memory-swap memory-swappiness name net-alias network-alias no-healthcheck pids-limit platform pull quiet read-only restart
  rm shm-size sig-proxy stop-signal stop-timeout tmpfs tty ulimit user workdir`.split(/\s+/),
);

const root = () => "root access to the host";
const device = () => "a device of the host";
const port = () => "a port of the host, which others can connect to";

/** What each other flag gives, as the rest of a sentence; undefined for a value that gives nothing. */
const given: Readonly<Record<string, (value: string) => string | undefined>> = {
  privileged: root,
  "use-api-socket": root,
  device,
  "device-cgroup-rule": device,
  gpus: device,
  "cap-add": (value) =>
    defaultCapabilityNames.has(value.toUpperCase().replace(/^CAP_/, ""))
      ? undefined
      : "a capability that containers do not have by default",
  "security-opt": (value) =>
    /^no-new-privileges(?:[=:]true)?$/.test(value)
      ? undefined
      : "other protections of the host than the usual",
  network: networkAccess,
  net: networkAccess,
  pid: (value) => namespaceAccess(value, "the host's processes"),
  ipc: (value) => namespaceAccess(value, "the host's shared memory"),
  uts: (value) => namespaceAccess(value, "the host's name"),
  userns: (value) => namespaceAccess(value, "the host's user ids"),
  cgroupns: (value) => namespaceAccess(value, "the host's control groups"),
  "volumes-from": () => "the files of another container",
  "volume-driver": () => "volumes of another driver",
  link: () => "another container and its variables",
  publish: port,
  "publish-all": port,
  runtime: () => "another runtime, with its own rights",
  annotation: () => "instructions to the engine's runtime",
  sysctl: () => "a setting of the kernel",
  "storage-opt": () => "an option of the engine's storage",
  "cgroup-parent": () => "another control group of the host",
  "oom-score-adj": () => "another rank when the host runs out of memory",
  "oom-kill-disable": () => "memory of the host without an end",
  "cpu-rt-period": () => "real time of the host's processors",
  "cpu-rt-runtime": () => "real time of the host's processors",
  "label-file": () => "a file of the host",
  cidfile: () => "a file of the host",
  "env-file": () => "a file of the host",
};

/** In docker's words, what every container has (docker 20.10 to 28). */
const defaultCapabilityNames: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

/** Returns what a network gives, as a flag or a key names it; the value of a flag may be a list of fields. */
export function networkAccess(value: string): string | undefined {
  if (/^(?:none|bridge|default|)$/.test(value)) return undefined;
  if (value === "host") return "the host's network, including its loopback interface";
  return "the network of other containers";
}

function namespaceAccess(value: string, what: string): string | undefined {
  if (/^(?:private|none|shareable|)$/.test(value)) return undefined;
  return value === "host" ? what : `${what}, or those of another container`;
}

const volume = "a volume, which other containers may use";

/** One part is a new volume; the host's path, or a volume's name, is what comes before the first colon. */
function accessOfVolume(value: string): readonly FlagAccess[] {
  if (!value.includes(":")) return [];
  const [source, rest] = splitAt(value, ":");
  const [, options] = splitAt(rest, ":");
  const shared = options.split(",").some((option) => propagates.test(option))
    ? [{ gives: "mounts that the host sees too", paths: [] }]
    : [];
  const isPath = /^[/.~]/.test(source);
  return [isPath ? { gives: "files of the host", paths: [source] } : { gives: volume, paths: [] }, ...shared];
}

const propagates = /^r?(?:shared|slave)$/i;

/** docker takes the last of several sources, so all of them count. */
function accessOfMount(value: string): readonly FlagAccess[] {
  const fields = flagFields(value);
  const valuesOf = (...keys: readonly string[]) =>
    fields.flatMap(([key, text]) => (keys.includes(key) ? [text] : []));
  const types = valuesOf("type");
  const sources = valuesOf("source", "src");
  const shared = valuesOf("bind-propagation").some((option) => propagates.test(option));
  const options = fields.some(([key]) => /^volume-(?:opt|driver)$/.test(key));
  if (types.length > 0 && types.every((type) => type === "tmpfs")) return [];
  const isVolume = types.every((type) => type === "volume");
  return [
    ...(types.every((type) => ["volume", "bind"].includes(type))
      ? []
      : [{ gives: "a mount of a kind that polycrate does not know", paths: [] }]),
    ...(options ? [{ gives: "a volume with options of its driver", paths: [] }] : []),
    ...(shared ? [{ gives: "mounts that the host sees too", paths: [] }] : []),
    ...sources.map((source) =>
      isVolume ? { gives: volume, paths: [] } : { gives: "files of the host", paths: [source] },
    ),
  ];
}
