import { chmodSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { call, type Folder, makeFolder } from "./harness.ts";

/** The folder of the engine of another machine, which the set-up script starts; undefined without one. */
export const remoteFolder = process.env.POLYCRATE_REMOTE_ENGINE;

/** An engine as the context `far` of docker's client, which has no other. */
export type RemoteEngine = AsyncDisposable & {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The names of all containers of runs of the workspace in this folder. */
  readonly containersOf: (folder: Folder) => Promise<readonly string[]>;
  readonly docker: (...words: readonly string[]) => Promise<{ stdout: string; exitCode: number }>;
};

/** Returns the engine over ssh, to a real sshd. */
export function engineOverSsh(): RemoteEngine {
  return engineAt("ssh://remote-engine", async () => {});
}

/** Returns the engine over TCP, whose connections can be broken. */
export async function engineOverTcp(): Promise<RemoteEngine & Pick<Relay, "cut" | "mend">> {
  const { address, cut, mend, close } = await relayToEngine();
  return { ...engineAt(address, close), cut, mend };
}

function engineAt(address: string, close: () => Promise<void>): RemoteEngine {
  const id = new Bun.CryptoHasher("sha256").update("far").digest("hex");
  const context = {
    Name: "far",
    Metadata: {},
    Endpoints: { docker: { Host: address, SkipTLSVerify: false } },
  };
  const config = makeFolder({ [`contexts/meta/${id}/meta.json`]: JSON.stringify(context) });
  const env = {
    DOCKER_CONFIG: config.path,
    DOCKER_HOST: undefined,
    DOCKER_CONTEXT: undefined,
    PATH: `${remoteFolder}/bin:${process.env.PATH}`,
  };
  // Directly at its socket, which is faster than ssh.
  const docker = (...words: readonly string[]) =>
    call(["docker", ...words], { env: { DOCKER_HOST: `unix://${remoteFolder}/docker.sock` } });
  return {
    env,
    docker,
    containersOf: async ({ path }) => {
      const words = ["ps", "--all", `--filter=label=polycrate.workspace=${path}`, "--format={{.Names}}"];
      return (await docker(...words)).stdout.split("\n").filter((line) => line !== "");
    },
    [Symbol.asyncDispose]: async () => {
      config[Symbol.dispose]();
      await close();
    },
  };
}

/** A relay whose connections can be broken. */
type Relay = {
  readonly address: string;
  readonly cut: () => void;
  readonly mend: () => void;
  readonly close: () => Promise<void>;
};

/** Returns a relay on loopback to the engine's socket. */
async function relayToEngine(): Promise<Relay> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) return void client.destroy();
    const engine = connect({ path: `${remoteFolder}/docker.sock`, allowHalfOpen: true });
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on("error", () => socket.destroy()).on("close", () => open.delete(socket));
    }
    client.pipe(engine).pipe(client);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    address: `tcp://127.0.0.1:${address.port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Returns a folder with a `docker` that fails, with that text, for words that match; it goes before the others on PATH. */
export function failingDocker(pattern: string, complaint: string): Folder {
  const folder = makeFolder({
    docker: `#!/bin/sh\ncase "$*" in ${pattern}) echo '${complaint}' >&2; exit 1 ;; esac\nPATH=\${PATH#*:}\nexec docker "$@"\n`,
  });
  chmodSync(join(folder.path, "docker"), 0o755);
  return folder;
}
