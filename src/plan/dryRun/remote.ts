import { exitCodes } from "../../errors.ts";
import { type Arg, quote, toShell } from "../../host/arg.ts";
import { transferIgnoreFile } from "../../transfer/travelRules.ts";
import type { AttachStep } from "../plan.ts";
import type { CreateStep, FetchStep, Parcel, SendStep, WayBack } from "../remote/steps.ts";
import { argument, commandLines, variableLine, withLast } from "./lines.ts";

/** Returns the shell lines that create the container. */
export function createLines({ argv, environment }: CreateStep): readonly string[] {
  return [
    "# create the container",
    ...environment.map(variableLine),
    ...withLast(commandLines(argv), " >/dev/null || exit 125"),
  ];
}

/**
 * Returns the shell lines that send the workspace and what is over it: `names` is the list of what was sent, which tells later what
 * was removed. It is GNU's tar that keeps times, holes and any name.
 */
export function sendLines({ argv, parcel }: SendStep, run: string): readonly string[] {
  const { workspace, stays, owner } = parcel;
  const [names, tar] = [argument(`${run}/names`), argument(`${run}/sent.tar`)];
  const person = `--owner=${owner.uid} --group=${owner.gid} --numeric-owner`;
  const transform = quote(`--transform=flags=rSh;s,^\\.\\(/\\|$\\),${inSed(workspace)}\\1,`);
  return [
    `# send the workspace; unlike polycrate, this script sends what \`${transferIgnoreFile}\` names, too`,
    `${findIn([".git", ...stays])} ! -type s -print0 | LC_ALL=C sort -z >${names}`,
    `tar --create --format=pax --sparse ${person} --no-recursion --null --files-from=${names} \\`,
    `  ${transform} --file=${tar}`,
    "# and, over it, what polycrate would mount",
    ...stagedLines(parcel, run),
    ...appendLines(parcel, run, person, tar),
    `${toShell(argv).join(" ")} <${tar} || exit 125`,
  ];
}

function stagedLines({ folders, files }: Parcel, run: string): readonly string[] {
  const place = (to: string) => argument(`${run}/there/${to}`);
  return [
    ...folders.map(({ to, mode }) => `mkdir -p ${place(to)} && chmod ${mode.toString(8)} ${place(to)}`),
    ...files.flatMap(({ from, to, mode }) => [
      `mkdir -p ${place(to.slice(0, to.lastIndexOf("/")))}`,
      `cp -Rp ${quote(from)} ${place(to)}`,
      ...(mode === undefined ? [] : [`chmod ${mode.toString(8)} ${place(to)}`]),
    ]),
  ];
}

/** Folders are added by themselves: those above a file keep the owner that they have in the image. */
function appendLines(
  { folders, files }: Parcel,
  run: string,
  person: string,
  tar: string,
): readonly string[] {
  const append = `tar --append --format=pax ${person} --file=${tar} --directory=${argument(`${run}/there`)}`;
  const words = (paths: readonly { readonly to: string }[]) => paths.map(({ to }) => argument(to)).join(" ");
  return [
    ...(folders.length === 0 ? [] : [`${append} --no-recursion ${words(folders)}`]),
    `${append} ${words(files)}`,
  ];
}

/** Returns the shell lines that start the container, tell it signals, and leave its exit code in `code`. */
export function attachLines(
  { argv, wait, onSignal, handed, terminal }: AttachStep,
  run: string,
): readonly string[] {
  const traps = onSignal.flatMap(({ signal, argv: tell }) =>
    signal === "SIGKILL" ? [] : [`trap ${quote(`${line(tell)} >/dev/null 2>&1 || :`)} ${signal.slice(3)}`],
  );
  const input = terminal.interactive ? "; cat" : "";
  const hands = [
    ...handed.variables.map(({ name }) => `printf %s "$${name}" | hand`),
    ...handed.files.map(({ shown }) => `hand <${argument(`${run}/${shown}`)}`),
  ].join("; ");
  const start = commandLines(argv);
  return [
    "# run it, connected to this shell; docker's client would not pass all signals on, and loses the exit code",
    ...(hands === "" ? [] : handLines(handed.variables)),
    ...traps,
    "exec 3<&0",
    ...(hands === ""
      ? withLast(start, " <&3 &")
      : [`{ ${hands}${input}; } <&3 | ${start[0] ?? ""}`, ...withLast(start.slice(1), " &")]),
    "client=$!",
    'while ! wait "$client" && kill -0 "$client" 2>/dev/null; do :; done',
    `code=$(${line(wait)}) || {`,
    "  kept=yes",
    "  echo 'error: lost the connection to the engine; the container may still run' >&2",
    `  exit ${exitCodes.noDocker}`,
    "}",
  ];
}

/** The secrets are handed over as the entrypoint reads them: each byte as `\0ooo`, and an empty line after each secret. */
function handLines(variables: AttachStep["handed"]["variables"]): readonly string[] {
  return [
    ...variables.map(variableLine),
    `hand() { od -A n -v -t o1 | sed 's/ *\\([0-7][0-7]*\\)/\\\\0\\1/g'; echo; }`,
  ];
}

/** Returns the shell lines that fetch what changed; a container of which nothing can be fetched is kept. */
export function fetchLines({ argv, whole, container, back }: FetchStep, run: string): readonly string[] {
  const at = (name: string) => argument(`${run}/${name}`);
  const noted = `${run}/back/${back.noted}`;
  // What is gone goes first: a file may be in the place of a folder now.
  const remove = `LC_ALL=C comm -z -23 ${at("names")} ${at("left")} | xargs -0 -r rm -rf --`;
  return [
    "# fetch what it changed; unlike polycrate, this script overwrites what was changed here meanwhile",
    `mkdir ${at("back")}`,
    `if ${line(argv)} | ${unpack} --directory=${at("back")} && [ -s ${argument(`${noted}/names`)} ]; then`,
    `  LC_ALL=C sort -z ${argument(`${noted}/names`)} >${at("left")}`,
    `  ${remove}`,
    `  ${unpack} --file=${argument(`${noted}/changed.tar`)}`,
    `elif ${line(whole)} | ${unpack} --directory=${at("back")}; then`,
    ...wholeLines(back, run, remove).map((one) => `  ${one}`),
    "else",
    "  kept=yes",
    `  echo ${quote(`error: the files could not be fetched; the container ${container} was kept`)} >&2`,
    `  exit ${exitCodes.cannotFetch}`,
    "fi",
    'exit "$code"',
  ];
}

const unpack = "tar --extract --preserve-permissions --no-same-owner";

function wholeLines({ workspace, stays }: WayBack, run: string, remove: string): readonly string[] {
  const folder = argument(`${run}/back/${workspace}`);
  const left = argument(`${run}/left`);
  return [
    `(cd ${folder} && ${findIn(stays)} -print0) | LC_ALL=C sort -z >${left}`,
    remove,
    `tar --create --format=pax --sparse --directory=${folder} --no-recursion --null --files-from=${left} |`,
    `  ${unpack}`,
  ];
}

/** A `find` of everything in a folder but these paths. */
function findIn(paths: readonly string[]): string {
  const pruned = paths.map(
    (path) => `-path ${quote(`./${path.replaceAll(/[\\*?[\]]/g, "\\$&")}`)} -prune -o`,
  );
  return ["find .", ...pruned].join(" ");
}

function inSed(text: string): string {
  return text.replaceAll(/[\\&,]/g, "\\$&");
}

function line(words: readonly Arg[]): string {
  return toShell(words).join(" ");
}
