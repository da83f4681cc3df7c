import { readdirSync, readlinkSync } from "node:fs";
import { PassThrough } from "node:stream";
import type { Engine } from "../../src/engine/engine.ts";
import { locatedMessage, PolycrateError } from "../../src/errors.ts";
import type { Host } from "../../src/host/stdio.ts";
import type { BuildContext } from "../../src/image/buildContext.ts";
import { sha256 } from "../../src/image/digest.ts";
import { readDockerfile } from "../../src/image/dockerfile/sources.ts";
import { docker } from "./engines.ts";

/** A command line of shell text in the place of a client's. */
export function shell(text: string, ...words: readonly string[]): readonly string[] {
  return ["sh", "-c", text, "sh", ...words];
}

/** docker's engine with some of its commands replaced by others, that no client is needed for. */
export function fakeEngine(commands: Partial<Engine>): Engine {
  return { ...docker, about: { ...docker.about, server: undefined }, ...commands };
}

/** A stream in the place of standard output or error, which remembers what was written to it. */
export type FakeStream = NodeJS.WriteStream & { readonly text: () => string };

/** Returns such a stream with properties of a terminal, for example; it takes everything at once. */
export function fakeStream(properties: Readonly<Record<string, unknown>> = {}): FakeStream {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return doubleOf(Object.assign(stream, { text: () => Buffer.concat(chunks).toString(), ...properties }));
}

/** Returns a standard input that has this text, and then ends. */
export function fakeInput(text: string): NodeJS.ReadStream {
  const stream = new PassThrough();
  stream.end(text);
  return doubleOf(Object.assign(stream, { isTTY: false }));
}

/** A double has no more of its type than is used, so the compiler is not asked. */
function doubleOf(value: object) {
  return Object.setPrototypeOf(value, Object.getPrototypeOf(value));
}

/** A host whose streams are in memory. */
export function fakeHost(changes: Partial<Host> = {}): Host {
  return {
    environment: process.env,
    stdin: doubleOf(Object.assign(new PassThrough(), { isTTY: false })),
    stdout: fakeStream(),
    now: () => new Date("2026-11-24T10:00:00.000Z"),
    ...changes,
  };
}

/** The context of a build of this Dockerfile, with nothing but that in it. */
export function contextOf(dockerfile: string, changes: Partial<BuildContext> = {}): BuildContext {
  return {
    dockerfile: "Dockerfile.poly",
    file: "Dockerfile.poly",
    sentAs: "tar",
    parsed: readDockerfile(dockerfile),
    entries: [
      {
        kind: "file",
        path: "Dockerfile.poly",
        mode: 0o644,
        size: dockerfile.length,
        digest: sha256(Buffer.from(dockerfile)),
      },
    ],
    hash: sha256(Buffer.from(dockerfile)),
    digests: new Map([["Dockerfile.poly", `0644 ${sha256(Buffer.from(dockerfile))}`]]),
    wholeContextReason: undefined,
    warnings: [],
    ...changes,
  };
}

/** Returns what an action throws, as `code: message`; nothing when it throws nothing. */
export function messageOf(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    return error instanceof PolycrateError ? `${error.exitCode}: ${locatedMessage(error)}` : String(error);
  }
}

/** Returns what this process holds open at or below a path; other tests may open and close what they like. */
export function openBelow(path: string): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return target.startsWith(path) ? [target] : [];
    } catch {
      return [];
    }
  });
}
