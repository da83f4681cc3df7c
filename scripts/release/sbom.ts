import { readFileSync } from "node:fs";
import { isJsonObject, memberAt, parseJson, textAt } from "../../src/host/json.ts";
import type { ReleaseInfo } from "./releaseInfo.ts";

/**
 * Returns the bill of materials of the executables, in CycloneDX 1.6: bun's runtime, and every package that `bun.lock` has for
 * the dependencies of polycrate, with its checksum. What only builds and tests polycrate is in no executable.
 */
export function sbom(info: ReleaseInfo, bun: string): string {
  // JSON with commas after the last entries.
  const lock = Bun.JSONC.parse(readFileSync("bun.lock", "utf8"));
  const direct = Object.keys(objectAt(lock, "workspaces", "", "dependencies"));
  const packages = closureOf(direct, objectAt(lock, "packages"));
  const runtime = {
    type: "platform",
    name: "bun",
    version: bun,
    "bom-ref": `bun@${bun}`,
    purl: `pkg:npm/bun@${bun}`,
  };
  const root = `polycrate@${info.version}`;
  return `${JSON.stringify(
    {
      $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: {
        timestamp: `${info.date}T00:00:00Z`,
        component: {
          type: "application",
          name: "polycrate",
          version: info.version,
          "bom-ref": root,
          description: info.description,
          purl: `pkg:npm/polycrate@${info.version}`,
        },
      },
      components: [runtime, ...packages.map(componentOf)],
      dependencies: [
        { ref: root, dependsOn: [runtime["bom-ref"], ...refsOf(direct, packages)] },
        { ref: runtime["bom-ref"] },
        ...packages.map((one) => ({ ref: one.ref, dependsOn: refsOf(one.dependencies, packages) })),
      ],
    },
    null,
    2,
  )}\n`;
}

type LockedPackage = {
  readonly name: string;
  readonly version: string;
  readonly ref: string;
  readonly dependencies: readonly string[];
  /** `sha512-` and the checksum in Base64. */
  readonly integrity: string;
};

/** Of a name that is locked in two versions only the one that all use would be found; the lock file of polycrate has none. */
function closureOf(
  direct: readonly string[],
  locked: Readonly<Record<string, unknown>>,
): readonly LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    const one = lockedPackage(name, locked[name]);
    found.set(name, one);
    for (const dependency of one.dependencies) visit(dependency);
  };
  for (const name of direct) visit(name);
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function lockedPackage(name: string, entry: unknown): LockedPackage {
  const ref = textAt(entry, "0");
  const integrity = textAt(entry, "3");
  if (ref === undefined || integrity === undefined) throw new Error(`bun.lock has no package ${name}`);
  const dependencies = Object.keys(objectAt(entry, "2", "dependencies"));
  return { name, version: ref.slice(name.length + 1), ref, dependencies, integrity };
}

function componentOf({ name, version, ref, integrity }: LockedPackage) {
  const [, group, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const license = textAt(parseJson(readFileSync(`node_modules/${name}/package.json`, "utf8")), "license");
  return {
    type: "library",
    ...(group === undefined ? {} : { group }),
    name: bare,
    version,
    "bom-ref": ref,
    hashes: [
      { alg: "SHA-512", content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex") },
    ],
    ...(license === undefined ? {} : { licenses: [{ license: { id: license } }] }),
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
  };
}

function refsOf(names: readonly string[], packages: readonly LockedPackage[]): readonly string[] {
  return names.flatMap((name) => packages.find((one) => one.name === name)?.ref ?? []);
}

function objectAt(value: unknown, ...keys: readonly string[]): Readonly<Record<string, unknown>> {
  const found = memberAt(value, ...keys);
  return isJsonObject(found) ? found : {};
}
