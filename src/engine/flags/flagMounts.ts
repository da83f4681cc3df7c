import type { BindMount } from "../../workspace/mounts.ts";

/** A flag of `docker run` by its long name. */
export type FlagValue = { readonly name: string; readonly value: string | undefined };

/** Returns the bind mounts among the flags, for the snapshot and for the check that a target has one source. */
export function mountsOfFlags(flags: readonly FlagValue[]): readonly BindMount[] {
  return flags.flatMap(({ name, value = "" }): readonly BindMount[] => {
    if (name === "volume") {
      const [source, target, options = ""] = value.split(":");
      if (source === undefined || target === undefined) return [];
      return [{ source, target, readonly: options.split(",").includes("ro") }];
    }
    if (name !== "mount") return [];
    const fields = mountFields(value);
    const source = fields.get("source") ?? fields.get("src");
    const target = fields.get("target") ?? fields.get("destination") ?? fields.get("dst");
    const readonly = ["readonly", "ro"].some((key) => fields.has(key) && fields.get(key) !== "false");
    return source === undefined || target === undefined ? [] : [{ source, target, readonly }];
  });
}

/** Returns the targets in the container: of bind mounts, volumes and tmpfs. */
export function targetsOfFlags(flags: readonly FlagValue[]): readonly string[] {
  return flags.flatMap(({ name, value = "" }) => {
    if (name === "tmpfs") return [splitAt(value, ":")[0]];
    if (name === "volume") {
      const [first = "", second] = value.split(":");
      return [second ?? first];
    }
    if (name !== "mount") return [];
    const fields = mountFields(value);
    const target = fields.get("target") ?? fields.get("destination") ?? fields.get("dst");
    return target === undefined ? [] : [target];
  });
}

function mountFields(value: string): ReadonlyMap<string, string> {
  return new Map(flagFields(value));
}

/** Returns the fields of the value of `--mount`: it is a line of CSV (RFC 4180), and its keys have any case (docker 28.2). */
export function flagFields(value: string): readonly (readonly [string, string])[] {
  const fields = [...value.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
  return fields.map((field) => {
    const [key, text] = splitAt(field, "=");
    return [key.toLowerCase(), text] as const;
  });
}

/** Returns the text before and after the separator; all of it and nothing when there is none. */
export function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
