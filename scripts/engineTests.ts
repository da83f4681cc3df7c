import { readdirSync } from "node:fs";
import type { EngineLimitName } from "../src/engine/engineLimits.ts";

/**
 * Which e2e tests do not hold on an engine, and why. `test.sh --engine=ENGINE` runs the others: this script prints their files, or
 * with `--pattern` a pattern for the names of their tests.
 */
export type EngineTests = {
  /** Files of tests that do not hold, by the reason: a limit of the manual, or of the tests themselves. */
  readonly files: Readonly<Partial<Record<EngineLimitName | TestLimit, readonly string[]>>>;
  readonly names: Readonly<Partial<Record<EngineLimitName | TestLimit, readonly string[]>>>;
};

/** Why a test says nothing of an engine. */
export type TestLimit =
  | "becomes another user, or uses namespaces, as root"
  | "puts a program in the place of docker, or reads docker's words"
  | "is about the engine of the scripts, or has one of its own";

const another = "becomes another user, or uses namespaces, as root";
const dockers = "puts a program in the place of docker, or reads docker's words";
const own = "is about the engine of the scripts, or has one of its own";

const ownEngine = ["demo", "engineScript", "remote", "remoteFiles", "rootless"];

/** The tests that do not hold, by engine. */
export const engineTests: Readonly<Record<"rootless" | "podman", EngineTests>> = {
  rootless: {
    files: { [own]: ownEngine, "its own network": ["registry"], [another]: ["containerUser", "ssh"] },
    names: {
      [another]: [
        "a cache stays, belongs to the user from its first run on, in a dry run too, and is pruned",
        "files that name process 1 and a victim as docker's clients do not make `prune` signal anything",
        "`prune` removes the copy of a build context that a polycrate that died has left behind, and no other's",
        "git works in the workspace of an ordinary user, and in repositories inside of it",
        "build and prune in a workspace that has become read-only end with 73",
        "a umask that takes everything keeps no run from working",
        "what prune cannot remove does not keep it from the rest",
        "files of another owner that a run leaves are named, with the way to avoid it",
        "a full disk for the log and the record does not cost the action's result",
        "as an ordinary user, with caches",
      ],
      "the caller is root inside": [
        "docker flags are split and expanded as a shell would",
        "the words of docker_flags are printed as they were written",
      ],
      [dockers]: [
        "the image from the narrowed context has the files of the image from the whole workspace",
        "so it is for any Dockerfile and any files",
      ],
    },
  },
  podman: {
    files: {
      [own]: ownEngine,
      [another]: ["containerUser", "ssh"],
      [dockers]: ["build", "buildContext", "dockerClients", "errors", "rerun", "graphHosts"],
      "no caches": ["caches"],
      "no warm containers": ["warm"],
      "no digests": ["registry"],
    },
    names: {
      [another]: [
        "git works in the workspace of an ordinary user, and in repositories inside of it",
        "a umask that takes everything keeps no run from working",
        "files of another owner that a run leaves are named, with the way to avoid it",
      ],
      [dockers]: [
        "a healthy machine: every check, and 0",
        "an image that is missing is a warning with the command that shows why",
        "in no workspace docker is examined alone",
        "docker's reason for a refusal is printed once",
        "a record says what is the same in every run so far, and what is not known",
        "the first signal ends a `docker image inspect` that hangs before a build",
        "`--verbose` shows each docker command and how long it took",
        "an engine that drops signals is found out, with the cause",
        "an engine that ignores --user is found out, with the cause",
        "an engine that loses output is found out, with the cause",
        "where no container starts, the cause is named once, and the rest is skipped",
        "without an image that exists, it says which flag names one",
        "a run does not start when .*before docker mounted it",
        "a run does not start when .*before docker mounted it: .*",
        "the files of a run are in the caller's runtime folder where the engine is of this machine",
        "the files of a run stay in the workspace when .*",
      ],
      "SIGINT is SIGTERM": [
        "every check passes on this engine, nothing is left, and the report has no path of this machine",
        "SIGTERM ends it in order",
      ],
      "no caches": ["the commands of caches print what it shows"],
      "no contexts": ['[ "context" ] change when their cause does'],
    },
  },
};

function main([engine, mode]: readonly string[]): void {
  const tests = engine === "rootless" || engine === "podman" ? engineTests[engine] : undefined;
  if (tests === undefined) throw new Error(`there is no list of tests for the engine ${engine}`);
  const [files, names] = [tests.files, tests.names].map((reasons) => Object.values(reasons).flat());
  if (mode === "--pattern") {
    const patterns = (names ?? []).map((name) => name.replace(/[-[\]{}()+?\\^$|]/g, "\\$&"));
    process.stdout.write(`^(?!.*(?:${patterns.join("|")})$)`);
    return;
  }
  const all = readdirSync("tests/e2e").filter((file) => file.endsWith(".test.ts"));
  const kept = all.filter((file) => files?.includes(file.replace(/\.test\.ts$/, "")) !== true);
  process.stdout.write(kept.map((file) => `./tests/e2e/${file}\n`).join(""));
}

if (import.meta.main) main(process.argv.slice(2));
