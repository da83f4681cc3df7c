import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { busybox, call, type Folder, type Result } from "./harness.ts";

/** A registry of images on loopback, where the engine reaches it; it and its images are gone after the test. */
export type Registry = AsyncDisposable & {
  /** Its host and port, as image references begin. */
  readonly host: string;
  /** Ends it; `start` starts it again at the same address. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Tags an image of busybox with this command's result, pushes it, and returns its digest. */
  readonly pushImage: (name: string, command: string) => Promise<string>;
};

export type RegistryOptions = {
  readonly address?: string;
  /** Lines of docker-registry's configuration. */
  readonly settings?: string;
  readonly http?: string;
};

/** Starts Debian's docker-registry, in the engine's network namespace when that has one of its own. */
export async function openRegistry({
  address = "127.0.0.1",
  settings = "",
  http = "",
}: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "polycrate-registry-"));
  let port = "0";
  let running: Bun.Subprocess<"ignore", "ignore", "pipe"> | undefined;
  const start = async () => {
    const file = join(folder, "config.yml");
    writeFileSync(
      file,
      `version: 0.1
log: {level: info, formatter: json}
storage: {filesystem: {rootdirectory: ${folder}/data}, delete: {enabled: true}}
${settings}
http:
  addr: ${address}:${port}
${http}`,
    );
    running = Bun.spawn(inEngineNetwork(["docker-registry", "serve", file]), {
      stdio: ["ignore", "ignore", "pipe"],
    });
    port = await portOf(running.stderr);
  };
  const stop = async () => {
    running?.kill();
    await running?.exited;
  };
  await start();
  const host = `${address}:${port}`;
  return {
    host,
    start,
    stop,
    pushImage: async (name, command) => {
      const image = `${host}/${name}`;
      const dockerfile = `FROM ${busybox}\nRUN ${command}\n`;
      await succeed(["docker", "build", "--quiet", `--tag=${image}`, "-"], { input: dockerfile });
      const { stdout } = await succeed(["docker", "push", image]);
      return /digest: (sha256:\w+)/.exec(stdout)?.[1] ?? "";
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await forgetImages(host);
      await call(enginePid() === undefined ? ["rm", "-rf", folder] : asRoot(["rm", "-rf", folder]));
    },
  };
}

/** The engine that the scripts start is in a network namespace of its own, and so is its loopback. */
export function enginePid(): number | undefined {
  const socket = /^unix:\/\/(.*)$/.exec(process.env.DOCKER_HOST ?? "")?.[1];
  const file = socket === undefined ? "" : join(dirname(socket), "dockerd.pid");
  return socket !== undefined && existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

function inEngineNetwork(words: readonly string[]): string[] {
  const pid = enginePid();
  return pid === undefined ? [...words] : asRoot(["nsenter", `--target=${pid}`, "--net", ...words]);
}

/** A command line that root runs, as the scripts start the engine. */
export function asRoot(words: readonly string[]): string[] {
  const isRoot = process.getuid?.() === 0;
  return isRoot ? [...words] : ["sudo", "-n", "--preserve-env=DOCKER_HOST,PATH", ...words];
}

async function portOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  let text = "";
  void (async () => {
    for await (const part of stderr) {
      text += Buffer.from(part).toString();
      const [, port] = /listening on [^"]*?:(\d+)[",]/.exec(text) ?? [];
      if (port !== undefined) found.resolve(port);
    }
    found.reject(new Error(`docker-registry did not start: ${text}`));
  })();
  return found.promise;
}

/** Removes the images of a registry from the engine, those without a tag too. */
async function forgetImages(host: string): Promise<void> {
  const words = [
    "docker",
    "image",
    "ls",
    "--all",
    "--digests",
    "--format={{.Repository}} {{.Tag}} {{.Digest}}",
  ];
  const { stdout } = await call(words);
  const names = stdout.split("\n").flatMap((line) => {
    const [repository = "", tag = "", digest = ""] = line.split(" ");
    if (!repository.startsWith(`${host}/`)) return [];
    return [
      ...(tag === "<none>" ? [] : [`${repository}:${tag}`]),
      ...(digest === "<none>" ? [] : [`${repository}@${digest}`]),
    ];
  });
  if (names.length > 0) await call(["docker", "image", "rm", "--force", ...new Set(names)]);
}

/** Removes the images that were built for the workspace of a folder. */
export async function removeBuilt(folder: Folder): Promise<void> {
  const filter = `--filter=label=polycrate.workspace=${folder.path}`;
  const { stdout } = await call(["docker", "image", "ls", "--all", "--quiet", filter]);
  const ids = [...new Set(stdout.split("\n").filter((line) => line !== ""))];
  if (ids.length > 0) await call(["docker", "image", "rm", "--force", ...ids]);
}

/** Runs a program that must succeed. */
export async function succeed(
  words: readonly string[],
  options: Parameters<typeof call>[1] = {},
): Promise<Result> {
  const result = await call(words, options);
  if (result.exitCode !== 0)
    throw new Error(`${words.join(" ")}: ${result.exitCode}\n${result.stdout}${result.stderr}`);
  return result;
}
