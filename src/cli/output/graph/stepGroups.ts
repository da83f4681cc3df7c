/** Prints what steps print as whole blocks, in the order in which the steps started. */
export type StepGroups = {
  /** Adds whole lines to a step; returns a promise when more is kept of it than is good. */
  readonly add: (key: string, stream: "stdout" | "stderr", lines: Buffer) => Promise<void> | undefined;
  /** Nothing more of the step is printed before the promise is settled. */
  readonly wait: (key: string, until: () => Promise<void>) => void;
  readonly close: (key: string) => void;
  /** Nothing waits any longer for what is kept. */
  readonly abandon: () => void;
  /** Resolves when all that was added is printed. */
  readonly printed: () => Promise<void>;
};

type Entry = { readonly stream: "stdout" | "stderr"; readonly lines: Buffer } | (() => Promise<void>);

type KeptGroup = {
  readonly entries: Entry[];
  size: number;
  isClosed: boolean;
  full: PromiseWithResolvers<void> | undefined;
};

/** What is kept of one step, in bytes; then it waits until those before it have ended. */
const mostKept = 4_194_304;

/**
 * Returns the groups. The first of the steps that have not ended is printed while it runs; of the others everything is kept. That
 * one never waits for another, so none waits forever.
 */
export function stepGroups(
  print: (stream: "stdout" | "stderr", lines: Buffer) => Promise<void> | undefined,
): StepGroups {
  const groups = new Map<string, KeptGroup>();
  let isAbandoned = false;
  let isPumping = false;
  let pumped = Promise.resolve();
  const groupOf = (key: string): KeptGroup => {
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group: KeptGroup = { entries: [], size: 0, isClosed: false, full: undefined };
    groups.set(key, group);
    return group;
  };
  const next = (): Entry | undefined => {
    for (const [key, group] of groups) {
      const entry = group.entries.shift();
      if (entry !== undefined) {
        if (typeof entry !== "function") group.size -= entry.lines.length;
        if (group.size < mostKept) group.full?.resolve();
        if (group.size < mostKept) group.full = undefined;
        return entry;
      }
      if (!group.isClosed) return undefined;
      groups.delete(key);
    }
    return undefined;
  };
  const pump = async () => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      await (typeof entry === "function" ? entry() : print(entry.stream, entry.lines));
    }
    isPumping = false;
  };
  const wake = () => {
    if (isPumping) return;
    isPumping = true;
    pumped = pump();
  };
  const push = (key: string, entry: Entry) => {
    const group = groupOf(key);
    group.entries.push(entry);
    if (typeof entry !== "function") group.size += entry.lines.length;
    wake();
    if (group.size < mostKept || isAbandoned) return undefined;
    group.full ??= Promise.withResolvers();
    return group.full.promise;
  };
  return {
    add: (key, stream, lines) => push(key, { stream, lines }),
    wait: (key, until) => void push(key, until),
    close: (key) => {
      groupOf(key).isClosed = true;
      wake();
    },
    abandon: () => {
      isAbandoned = true;
      for (const { full } of groups.values()) full?.resolve();
    },
    printed: async () => {
      while (isPumping) await pumped;
    },
  };
}
