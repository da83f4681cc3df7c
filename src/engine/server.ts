import { statSync } from "node:fs";
import { exitCodes, PolycrateError } from "../errors.ts";
import { textAt } from "../host/json.ts";
import { socketOf } from "./endpoint.ts";
import type { Endpoint } from "./engine.ts";

/** The version of podman from which docker's client gets the exit code of `run --rm` (podman#18912). */
const firstTruthful = [4, 6] as const;

/** Returns the version of a podman whose service answers in docker's place, from the components of the server. */
export function podmanVersion(components: unknown): string | undefined {
  const parts: readonly unknown[] = Array.isArray(components) ? components : [];
  const podman = parts.find((part) => textAt(part, "Name") === "Podman Engine");
  return podman === undefined ? undefined : (textAt(podman, "Version") ?? "");
}

/** True for a version of podman's service that reports actions that fail as successes. */
export function reportsFalseSuccess(version: string): boolean {
  return isOlderThan(version, ...firstTruthful);
}

/** True for a version older than that one, and for what is not a version. */
export function isOlderThan(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return !(first > major || (first === major && second >= minor));
}

/** What is wrong with such a podman, and what to do about it. */
export function falseSuccess(version: string): { readonly message: string; readonly hint: string } {
  return {
    message: `podman ${version} answers in docker's place: before 4.6, docker's client reports actions that fail there as succeeded`,
    hint: "pass `--engine podman` to use podman itself, or update it: `polycrate help engines`",
  };
}

/** Returns the error for a server that cannot run actions; undefined when it can. */
export function serverError(components: unknown): PolycrateError | undefined {
  const version = podmanVersion(components);
  if (version === undefined || !reportsFalseSuccess(version)) return undefined;
  const { message, hint } = falseSuccess(version);
  return new PolycrateError(message, { hint, exitCode: exitCodes.noDocker });
}

/**
 * Returns what identifies the server at an endpoint: its address, and for a socket which one it is; without a socket the day, so
 * that another one at the same address is noticed. Undefined for a socket that is not there.
 */
export function serverKey(endpoint: Endpoint, now: Date): string | undefined {
  const path = socketOf(endpoint);
  if (path === undefined) return `${endpoint.address} ${now.toISOString().slice(0, 10)}`;
  try {
    const { dev, ino, ctimeNs } = statSync(path, { bigint: true });
    return [endpoint.address, dev, ino, ctimeNs].join(" ");
  } catch {
    return undefined;
  }
}
