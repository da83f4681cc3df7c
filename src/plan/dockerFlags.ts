import type { BindMount } from "../workspace/mounts.ts";
import { refuseFlag, type Surroundings, splitWords } from "./flagWords.ts";
import type { Word } from "./words.ts";

/** A `docker run` flag with the words it was written in. */
export type DockerFlag = {
  /** The long name without dashes, or the letter where docker knows no long one. */
  readonly name: string;
  readonly value: string | undefined;
  readonly words: readonly Word[];
};

/** `docker run` flags that take no value (docker 28.2). */
const switches: ReadonlySet<string> = new Set([
  "detach",
  "disable-content-trust",
  "help",
  "init",
  "interactive",
  "no-healthcheck",
  "oom-kill-disable",
  "privileged",
  "publish-all",
  "quiet",
  "read-only",
  "rm",
  "sig-proxy",
  "tty",
  "use-api-socket",
]);

const longNames: Readonly<Record<string, string>> = {
  a: "attach",
  c: "cpu-shares",
  d: "detach",
  e: "env",
  h: "hostname",
  i: "interactive",
  l: "label",
  m: "memory",
  P: "publish-all",
  p: "publish",
  q: "quiet",
  t: "tty",
  u: "user",
  v: "volume",
  w: "workdir",
};

const useEnv = "write it under `config.container.env`";
const ours = "polycrate sets it itself";
const terminal = "use `interactive: true` on the action, or `--interactive`";

/** Why a flag cannot be taken, by its name. */
const refusals: Readonly<Record<string, string>> = {
  name: ours,
  rm: ours,
  entrypoint: "set `config.container.shell` instead",
  workdir: "an action runs in the folder of the block that wrote it",
  cidfile: ours,
  detach: "polycrate waits for the action and returns its exit code",
  attach: ours,
  "sig-proxy": "signals have to reach the action",
  restart: "an action runs once",
  interactive: terminal,
  tty: terminal,
  pull: "use `polycrate run --pull`",
  env: useEnv,
  "env-file": useEnv,
  help: "run `docker run --help` by hand",
};

/**
 * Returns the flags of `config.container.docker_flags`, each entry split as a shell would and expanded. Throws (65) on
 * unbalanced quotes, other expansions, unset variables, flags that would break the run, and words that belong to no flag.
 */
export function readDockerFlags(
  entries: readonly string[],
  surroundings: Surroundings,
): readonly DockerFlag[] {
  const words = entries.flatMap((entry) =>
    splitWords(entry, surroundings).map((word) => ({ entry, ...word })),
  );
  const flags: DockerFlag[] = [];
  for (let index = 0; index < words.length; ) {
    const word = words[index];
    if (word === undefined) break;
    const next = words[index + 1];
    const taken = takeFlag(word, next);
    flags.push(...taken.flags);
    index += taken.words;
  }
  return flags;
}

/** Returns the bind mounts among the flags, for the snapshot and for finding two sources with one target. */
export function mountsOfFlags(flags: readonly DockerFlag[]): readonly BindMount[] {
  return flags.flatMap(({ name, value = "" }): readonly BindMount[] => {
    if (name === "volume") {
      const [source, target, options = ""] = value.split(":");
      if (source === undefined || target === undefined) return [];
      return [{ source, target, readonly: options.split(",").includes("ro") }];
    }
    if (name !== "mount") return [];
    const fields = new Map(value.split(",").map((field) => splitAt(field, "=")));
    const source = fields.get("source") ?? fields.get("src");
    const target = fields.get("target") ?? fields.get("destination") ?? fields.get("dst");
    const readonly = ["readonly", "ro"].some((key) => fields.has(key) && fields.get(key) !== "false");
    return source === undefined || target === undefined ? [] : [{ source, target, readonly }];
  });
}

/** Returns where in the container the flags put something: bind mounts, volumes and memory. */
export function targetsOfFlags(flags: readonly DockerFlag[]): readonly string[] {
  return flags.flatMap(({ name, value = "" }) => {
    if (name === "tmpfs") return [splitAt(value, ":")[0]];
    if (name === "volume") {
      const [first = "", second] = value.split(":");
      return [second ?? first];
    }
    if (name !== "mount") return [];
    const fields = new Map(value.split(",").map((field) => splitAt(field, "=")));
    const target = fields.get("target") ?? fields.get("destination") ?? fields.get("dst");
    return target === undefined ? [] : [target];
  });
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

type SplitWord = { readonly value: string; readonly written: string; readonly entry: string };

function takeFlag(
  word: SplitWord,
  next: SplitWord | undefined,
): { flags: readonly DockerFlag[]; words: number } {
  const { value, entry } = word;
  if (value.startsWith("--") && value.length > 2) {
    const [name, attached] = splitAt(value.slice(2), "=");
    refuse(name, entry);
    if (value.includes("=")) return { flags: [{ name, value: attached, words: [wordOf(word)] }], words: 1 };
    if (switches.has(name)) return { flags: [{ name, value: undefined, words: [wordOf(word)] }], words: 1 };
    return { flags: [withNext(name, word, next)], words: 2 };
  }
  if (!value.startsWith("-") || value.length < 2 || value === "--") {
    refuseFlag(
      `the word \`${word.written}\` belongs to no flag`,
      entry,
      "write flag and value together, like `--network=host`",
    );
  }
  return takeShortFlags(word, next);
}

/** `-dit` is three switches; in `-itv /a:/b` the last letter takes the next word, in `-v/a:/b` the rest of this one. */
function takeShortFlags(
  word: SplitWord,
  next: SplitWord | undefined,
): { flags: readonly DockerFlag[]; words: number } {
  const letters = [...word.value.slice(1)];
  const names = letters.map((letter) => longNames[letter] ?? letter);
  const taking = names.findIndex((name) => !switches.has(name));
  const used = taking < 0 ? names : names.slice(0, taking + 1);
  for (const name of used) refuse(name, word.entry);
  const name = used.at(-1) ?? "";
  const rest = letters.slice(used.length).join("").replace(/^=/, "");
  if (taking < 0) return { flags: [{ name, value: undefined, words: [wordOf(word)] }], words: 1 };
  if (rest !== "") return { flags: [{ name, value: rest, words: [wordOf(word)] }], words: 1 };
  return { flags: [withNext(name, word, next)], words: 2 };
}

function withNext(name: string, word: SplitWord, next: SplitWord | undefined): DockerFlag {
  if (next === undefined)
    refuseFlag(
      `the flag \`${word.written}\` has no value`,
      word.entry,
      "write it as one entry, like `--network=host`",
    );
  return { name, value: next.value, words: [wordOf(word), wordOf(next)] };
}

function wordOf({ value, written }: SplitWord): Word {
  return { value, written };
}

function refuse(name: string, entry: string): void {
  const reason = refusals[name];
  const shown = name.length === 1 ? `-${name}` : `--${name}`;
  if (reason !== undefined) refuseFlag(`the flag \`${shown}\` cannot be set`, entry, reason);
}
