import type { BuildRequest, Engine } from "../engine/engine.ts";
import { label } from "../engine/labels.ts";
import type { BuildContext, ContextEntry } from "../image/buildContext.ts";
import { sha256 } from "../image/digest.ts";
import { readDockerfile } from "../image/dockerfile/sources.ts";
import type { Plan } from "../plan/plan.ts";
import { trustBy } from "../trust/trust.ts";
import type { GivenDownload } from "./downloads.ts";
import { toolchainDockerfile, toolchainFiles } from "./files.ts";
import { optionalParts } from "./tools.ts";

/** The options of a build of the toolchain image. */
export type ToolchainBuild = {
  readonly reference: string;
  /** The base image; undefined is the Dockerfile's own. */
  readonly base: string | undefined;
  /** The parts to build, in addition to the fixed one. */
  readonly parts: readonly string[];
  readonly given: readonly GivenDownload[];
  readonly noCache: boolean;
  /** polycrate's version, for a label. */
  readonly version: string;
  /** An absolute folder for temporary files, and the name of a new one in it. */
  readonly temporary: string;
  readonly name: string;
};

/** Returns the plan of the build: the embedded files are written to a new temporary folder, from which they are sent to docker. */
export function planToolchainBuild(engine: Engine, build: ToolchainBuild): Plan {
  return {
    engine,
    title: "polycrate toolchain build",
    workspace: build.temporary,
    warnings: [],
    record: undefined,
    stopTimeout: 10,
    requires: [],
    runDirectory: { root: build.temporary, path: build.name },
    folders: [],
    files: toolchainFiles.map(({ path, content }) => ({
      path: `files/${path}`,
      mode: 0o600,
      content,
      lifetime: "run",
    })),
    steps: [
      {
        kind: "build",
        argv: engine.build(buildRequest(build)),
        context: toolchainContext(build, `${build.temporary}/${build.name}/files`),
        image: { reference: build.reference, build: undefined },
        isOfWorkspace: false,
        unless: undefined,
      },
    ],
    finally: [],
    trust: trustBy({ workspace: build.temporary, access: [], hash: "" }),
  };
}

function topFolders(files: readonly { readonly path: string }[]): readonly string[] {
  return [
    ...new Set(files.flatMap(({ path }) => (path.includes("/") ? [path.slice(0, path.indexOf("/"))] : []))),
  ];
}

function buildRequest({ reference, base, parts, noCache, version }: ToolchainBuild): BuildRequest {
  const left = optionalParts.filter((part) => !parts.includes(part));
  return {
    tags: [reference],
    arguments: [
      ...(base === undefined ? [] : [`BASE=${base}`]),
      ...left.map((part) => `${part.toUpperCase()}=no`),
    ],
    labels: [`org.opencontainers.image.version=${version}`, label("parts", ["shell", ...parts].join(" "))],
    noCache,
    pull: false,
    file: "Dockerfile",
    context: "-",
  };
}

function toolchainContext({ given }: ToolchainBuild, files: string): BuildContext {
  const entries: readonly ContextEntry[] = [
    ...topFolders(toolchainFiles).map((path) => ({ kind: "directory", path, mode: 0o755 }) as const),
    { kind: "directory", path: "downloads", mode: 0o755 },
    ...toolchainFiles.map(({ path, mode, content }) => {
      const bytes = new TextEncoder().encode(content);
      const source = `${files}/${path}`;
      return { kind: "file", path, mode, size: bytes.length, digest: sha256(bytes), source } as const;
    }),
    ...given.map(
      ({ name, source, size, digest }) =>
        ({ kind: "file", path: `downloads/${name}`, mode: 0o644, size, digest, source }) as const,
    ),
  ];
  const digests = new Map(
    entries.map((entry) => [entry.path, entry.kind === "file" ? entry.digest : entry.kind]),
  );
  return {
    dockerfile: "Dockerfile",
    file: "Dockerfile",
    sentAs: "tar",
    parsed: readDockerfile(toolchainDockerfile),
    entries,
    hash: sha256(new TextEncoder().encode(JSON.stringify([...digests]))),
    digests,
    wholeContextReason: undefined,
    warnings: [],
  };
}
