import { exitCodes, PolycrateError } from "../../errors.ts";
import type { Arg } from "../../host/arg.ts";
import { type BindMount, isOurTarget, ourTargetHint, ourTargetMessage } from "../../workspace/mounts.ts";
import {
  assignmentIn,
  type ExpansionContext,
  type FlagAssignment,
  refuseFlag,
  type SplitWord,
  splitWords,
} from "./splitWords.ts";

/** A `docker run` flag with the words it was written in. */
export type DockerFlag = {
  /** The long name without dashes, or the letter where docker knows no long one. */
  readonly name: string;
  readonly value: string | undefined;
  readonly words: readonly Arg[];
  /** The entry of `docker_flags` that it stands in. */
  readonly index: number;
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

const ours = "polycrate sets it itself";
const useLog = "polycrate keeps the log itself, secrets masked; `polycrate logs` prints it";
const terminal = "use `interactive: true` on the action, or `--interactive`";

/** Why a flag cannot be taken, by its name. */
const refusals: Readonly<Record<string, string>> = {
  name: ours,
  entrypoint: "set `config.container.shell` instead",
  workdir: "an action runs in the folder of the block that wrote it",
  cidfile: ours,
  detach: "polycrate waits for the action and returns its exit code",
  "detach-keys": "polycrate waits for the action, whatever is typed",
  attach: ours,
  "sig-proxy": "signals have to reach the action",
  restart: "an action runs once",
  interactive: terminal,
  tty: terminal,
  pull: "use `polycrate run --pull`",
  "env-file": "write its variables under `config.container.env`",
  help: "run `docker run --help` by hand",
  "log-driver": useLog,
  "log-opt": useLog,
};

/** Switches that every container has, so that asking for them changes nothing; and why they cannot be off. */
const alwaysOn: ReadonlyMap<string, string> = new Map([
  ["rm", "polycrate removes the container when the action has ended"],
  ["init", "without it a signal does not reach every process of the action"],
]);

/** What is wrong with the entry of `docker_flags` at `index`. */
export type FlagProblem = {
  readonly index: number;
  readonly message: string;
  readonly hint: string | undefined;
};

/** A variable that the entry at `index` sets; without a value it is the caller's. */
export type FlagVariable = FlagAssignment & { readonly index: number };

/** What the entries of `docker_flags` say: the flags for docker, the variables, and all that is wrong with them. */
export type DockerFlags = {
  readonly flags: readonly DockerFlag[];
  readonly variables: readonly FlagVariable[];
  readonly problems: readonly FlagProblem[];
};

/**
 * Returns the flags of `config.container.docker_flags`, each entry split as a shell would and expanded. What cannot be split
 * or expanded, would break the run, or belongs to no flag is a problem and left out.
 */
export function readDockerFlags(
  entries: readonly string[],
  context: ExpansionContext,
  containerRoot: string,
): DockerFlags {
  const flags: DockerFlag[] = [];
  const variables: FlagVariable[] = [];
  const problems: FlagProblem[] = [];
  const attempt = <Result>(index: number, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PolycrateError) || error.exitCode !== exitCodes.invalidWorkspace) throw error;
      problems.push({ index, message: error.message, hint: error.hint });
      return undefined;
    }
  };
  const words = entries.flatMap((entry, index): readonly EntryWord[] => {
    const split = attempt(index, () => splitWords(entry, context));
    return (split ?? [unreadable]).map((word) => ({ ...word, index }));
  });
  for (let at = 0; at < words.length; ) {
    const [word, next] = [words[at], words[at + 1]];
    if (word === undefined) break;
    const taken = isUnreadable(word) ? undefined : attempt(word.index, () => takeFlag(word, next));
    if (taken === undefined) {
      const last = lastAbout(word.index, entries);
      while ((words[at]?.index ?? Number.POSITIVE_INFINITY) <= last) at += 1;
      continue;
    }
    at += taken.words.length;
    if (taken.words.some(isUnreadable)) continue;
    attempt(word.index, () => {
      refuseBroken(taken, containerRoot);
      if (taken.name === "env") variables.push({ ...variableOf(taken), index: word.index });
      else if (!alwaysOn.has(taken.name)) flags.push(flagOf(taken));
    });
  }
  return { flags, variables, problems };
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
    const fields = mountFields(value);
    const source = fields.get("source") ?? fields.get("src");
    const target = fields.get("target") ?? fields.get("destination") ?? fields.get("dst");
    const readonly = ["readonly", "ro"].some((key) => fields.has(key) && fields.get(key) !== "false");
    return source === undefined || target === undefined ? [] : [{ source, target, readonly }];
  });
}

/** Returns where in the container the flags put something: bind mounts, volumes and memory. */
export function targetsOfFlags(flags: readonly Pick<DockerFlag, "name" | "value">[]): readonly string[] {
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

/** The value of `--mount` is a line of CSV (RFC 4180), and its keys have any case (docker 28.2). */
function mountFields(value: string): ReadonlyMap<string, string> {
  const fields = [...value.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain,
  );
  return new Map(
    fields.map((field) => {
      const [key, text] = splitAt(field, "=");
      return [key.toLowerCase(), text];
    }),
  );
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

type EntryWord = SplitWord & { readonly index: number };

/** Stands for an entry that cannot be split, so that the flag before it has a value. No flag may hold a NUL. */
const unreadable: SplitWord = { value: "\0", written: "", pieces: [] };

function isUnreadable({ value }: SplitWord): boolean {
  return value === unreadable.value;
}

/** After a problem the rest of the entry is not looked at; a value that stands in an entry of its own goes with its flag. */
function lastAbout(index: number, entries: readonly string[]): number {
  return entries[index + 1]?.startsWith("-") === false ? index + 1 : index;
}

/** A flag as it is written: `shown` is its name with the dashes, `value` begins in a word behind `skipped` characters. */
type Taken = {
  readonly name: string;
  readonly shown: string;
  readonly value: { readonly word: SplitWord; readonly skipped: number } | undefined;
  readonly words: readonly EntryWord[];
};

function takeFlag(word: EntryWord, next: EntryWord | undefined): Taken {
  const { value } = word;
  if (value.startsWith("--") && value.length > 2) {
    const [name] = splitAt(value.slice(2), "=");
    const flag = { name, shown: `--${name}` };
    if (value.includes("=")) return { ...flag, value: { word, skipped: name.length + 3 }, words: [word] };
    return withNext(flag, word, next);
  }
  if (!value.startsWith("-") || value.length < 2 || value === "--") {
    refuseFlag(
      `the word \`${word.written}\` belongs to no flag`,
      "write flag and value together, like `--network=host`",
    );
  }
  return takeShortFlags(word, next);
}

/** `-dit` is three switches; in `-itv /a:/b` the last letter takes the next word, in `-v/a:/b` the rest of this one. */
function takeShortFlags(word: EntryWord, next: EntryWord | undefined): Taken {
  const letters = [...word.value.slice(1)];
  const all = letters.map((letter) => ({ name: longNames[letter] ?? letter, shown: `-${letter}` }));
  const taking = all.findIndex(({ name }) => !switches.has(name));
  const used = taking < 0 ? all : all.slice(0, taking + 1);
  for (const flag of used) refuseKnown(flag);
  const flag = used.at(-1) ?? { name: "", shown: word.written };
  if (flag.name === "env" && used.length > 1) {
    refuseFlag(
      `\`${flag.shown}\` stands behind other letters`,
      `write \`${flag.shown} NAME=value\` by itself`,
    );
  }
  const skipped = 1 + used.map(({ shown }) => shown.slice(1)).join("").length;
  const rest = word.value.slice(skipped);
  if (taking < 0 || rest === "") return withNext(flag, word, next);
  return { ...flag, value: { word, skipped: skipped + (rest.startsWith("=") ? 1 : 0) }, words: [word] };
}

function withNext(flag: Pick<Taken, "name" | "shown">, word: EntryWord, next: EntryWord | undefined): Taken {
  refuseKnown(flag);
  if (switches.has(flag.name)) return { ...flag, value: undefined, words: [word] };
  if (next === undefined) {
    refuseFlag(`the flag \`${word.written}\` has no value`, "write it as one entry, like `--network=host`");
  }
  return { ...flag, value: { word: next, skipped: 0 }, words: [word, next] };
}

function flagOf({ name, value, words }: Taken): DockerFlag {
  return {
    name,
    value: value === undefined ? undefined : textOf(value),
    words: words.map(({ value: spoken, written }) => ({ value: spoken, written })),
    index: words[0]?.index ?? 0,
  };
}

function textOf({ word, skipped }: NonNullable<Taken["value"]>): string {
  return word.value.slice(skipped);
}

function variableOf({ value, shown }: Taken): FlagAssignment {
  if (value === undefined)
    return refuseFlag(`the flag \`${shown}\` has no value`, "write `--env=NAME=value`");
  return assignmentIn(value.word, value.skipped);
}

function refuseKnown({ name, shown }: Pick<Taken, "name" | "shown">): void {
  const reason = refusals[name];
  if (reason !== undefined) refuseFlag(`the flag \`${shown}\` cannot be set`, reason);
}

/** What a flag's value makes of it: a switch turned off, a label of ours, a mount over what is ours. */
function refuseBroken(taken: Taken, containerRoot: string): void {
  const { name, shown } = taken;
  const value = taken.value === undefined ? undefined : textOf(taken.value);
  refuseKnown(taken);
  const reason = alwaysOn.get(name);
  if (reason !== undefined && value !== undefined && !/^(?:1|t|T|TRUE|true|True)$/.test(value)) {
    refuseFlag(`the flag \`${shown}=${value}\` cannot be set`, reason);
  }
  if (name === "label" && value?.startsWith("polycrate.") === true) {
    refuseFlag(
      `the label \`${splitAt(value, "=")[0]}\` is set by polycrate`,
      "choose a name without `polycrate.` before it",
    );
  }
  for (const target of targetsOfFlags([{ name, value }])) {
    if (isOurTarget(target, containerRoot)) refuseFlag(ourTargetMessage(target), ourTargetHint);
  }
}
