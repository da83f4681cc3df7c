import { looseTagHint, looseTagOf } from "../../workspace/lint/lintImage.ts";
import type { ProblemCode } from "../../workspace/poly/problemCodes.ts";
import type { Problem } from "../../workspace/poly/problems.ts";
import type { DockerfileInstruction } from "./lines.ts";
import { type DockerfileBase, readDockerfile } from "./sources.ts";

/** Returns the warnings about a Dockerfile; `file` is its name in them. */
export function lintDockerfile(file: string, text: string): readonly Problem[] {
  const { from, instructions } = readDockerfile(text);
  const lines = text.split(/\r?\n/);
  const warn = (code: ProblemCode, line: number, word: string, message: string, hint: string): Problem => {
    const column = Math.max(0, (lines[line - 1] ?? "").indexOf(word)) + 1;
    return { severity: "warning", code, file, position: { line, column }, message, hint };
  };
  const keepsNoPipCache = instructions.some(
    ({ keyword, rest }) => keyword === "ENV" && rest.includes("PIP_NO_CACHE_DIR"),
  );
  return [
    ...from.flatMap((base) => {
      const message = looseTagIn(base);
      return message === undefined ? [] : [warn("image-tag", base.line, base.written, message, looseTagHint)];
    }),
    ...consecutiveRuns(instructions).map(([first, second, ...more]) =>
      warn(
        "several-runs",
        second.line,
        second.text,
        `${more.length + 2} consecutive \`RUN\` instructions, from line ${first.line}, make as many layers`,
        "join them with `&&`, so that later commands can remove files of earlier ones",
      ),
    ),
    ...instructions.flatMap((instruction) =>
      cachesLeftBy(instruction, keepsNoPipCache).map(({ command, message, hint }) =>
        warn("package-cache", lineWithCommand(lines, instruction.line, command), command, message, hint),
      ),
    ),
  ];
}

function looseTagIn({ kind, image }: DockerfileBase): string | undefined {
  return kind === "image" && image !== undefined ? looseTagOf(image) : undefined;
}

type RunGroup = readonly [DockerfileInstruction, DockerfileInstruction, ...DockerfileInstruction[]];

/** Instructions with flags (mounts, networks) or a heredoc are separate on purpose. */
function consecutiveRuns(instructions: readonly DockerfileInstruction[]): readonly RunGroup[] {
  const groups: DockerfileInstruction[][] = [[]];
  for (const instruction of instructions) {
    const isPlain =
      instruction.keyword === "RUN" && instruction.flags.length === 0 && instruction.heredocs.length === 0;
    if (isPlain) groups.at(-1)?.push(instruction);
    else groups.push([]);
  }
  return groups.flatMap(([first, second, ...more]): readonly RunGroup[] =>
    first === undefined || second === undefined ? [] : [[first, second, ...more]],
  );
}

type Cache = {
  readonly command: RegExp;
  readonly removed: RegExp;
  readonly what: string;
  readonly hint: string;
};

const caches: readonly Cache[] = [
  {
    command: /\bapt(?:-get)?\s+(?:-\S+\s+)*(?:update|install|upgrade|dist-upgrade|full-upgrade)\b/,
    removed: /\/var\/lib\/apt\/lists/,
    what: "apt's package lists",
    hint: "end the same `RUN` with `&& rm -rf /var/lib/apt/lists/*`",
  },
  {
    command: /\bapk\s+(?:-\S+\s+)*(?:add|update)\b/,
    removed: /--no-cache|\/var\/cache\/apk|\/etc\/apk\/cache/,
    what: "apk's cache",
    hint: "write `apk add --no-cache`",
  },
  {
    command: /\b(?:microdnf|dnf|yum|tdnf)\s+(?:-\S+\s+)*(?:install|update|upgrade|makecache)\b/,
    removed: /\bclean\s+all\b|\/var\/cache\/(?:yum|dnf)|--setopt=keepcache=0/,
    what: "the dnf or yum cache",
    hint: "end the same `RUN` with `&& dnf clean all`",
  },
  {
    command: /\bzypper\s+(?:-\S+\s+)*(?:install|in|update|up|refresh|ref)\b/,
    removed: /\bzypper\s+(?:-\S+\s+)*(?:clean|cc)\b|\/var\/cache\/zypp/,
    what: "zypper's cache",
    hint: "end the same `RUN` with `&& zypper clean --all`",
  },
  {
    command: /\bpip[0-9.]*\s+(?:-\S+\s+)*install\b/,
    removed:
      /--no-cache-dir|PIP_NO_CACHE_DIR|\bpip[0-9.]*\s+cache\s+purge\b|\.cache\/pip|rm\s+-\S+\s+\S*\.cache\b/,
    what: "pip's cache",
    hint: "write `pip install --no-cache-dir`",
  },
];

type LeftCache = { readonly command: string; readonly message: string; readonly hint: string };

/** A cache mount is not part of the layer. */
function cachesLeftBy(
  { keyword, flags, rest }: DockerfileInstruction,
  keepsNoPipCache: boolean,
): readonly LeftCache[] {
  if (keyword !== "RUN" || flags.some((flag) => /^--mount=.*type=(?:cache|tmpfs)/.test(flag))) return [];
  return caches.flatMap(({ command, removed, what, hint }) => {
    const [found] = command.exec(rest) ?? [];
    if (found === undefined || removed.test(rest) || (keepsNoPipCache && what === "pip's cache")) return [];
    return [{ command: found, message: `this \`RUN\` leaves ${what} in its layer`, hint }];
  });
}

/** The line of a continued instruction that has the command. */
function lineWithCommand(lines: readonly string[], start: number, command: string): number {
  const word = command.split(/\s/)[0] ?? command;
  const offset = lines.slice(start - 1).findIndex((line) => line.includes(word));
  return start + Math.max(0, offset);
}
