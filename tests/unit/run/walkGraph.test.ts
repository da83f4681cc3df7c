import { expect, test } from "bun:test";
import fc from "fast-check";
import { type AttemptEnd, type Graph, type NodeState, walkGraph } from "../../../src/run/walkGraph.ts";

type Node = Graph["nodes"][number];

const node = (changes: Partial<Node> = {}): Node => ({
  ...{ dependsOn: [], when: "success", allowFailure: false, retries: 0 },
  ...changes,
});

/** Ends of attempts, in turn; after the last the node succeeds. A number is a failure with that code. */
type Script = readonly (readonly number[])[];

/** What happened in a walk over nodes that end as the script says, in an order that `pick` chooses. */
async function walked(
  nodes: readonly Node[],
  script: Script,
  {
    jobs = 4,
    failFast = false,
    isSequence = false,
    cancelAfter = Number.POSITIVE_INFINITY,
    pick = (count: number) => count - 1,
  } = {},
) {
  const course: string[] = [];
  const waiting: { readonly index: number; readonly end: (end: AttemptEnd) => void }[] = [];
  const tries = new Map<number, number>();
  let [most, started, isDone] = [0, 0, false];
  const isCancelled = () => started > cancelAfter;
  const stopAll = () => {
    course.push("first failure");
    for (const { end } of waiting.splice(0)) end({ end: "stopped", exitCode: 143 });
  };
  const done = walkGraph(
    { isSequence, nodes },
    { jobs, failFast, onFirstFailure: stopAll, isCancelled },
    {
      run: (index, attempt) => {
        started += 1;
        course.push(`${index}.${attempt}`);
        tries.set(index, attempt);
        return new Promise((end) => {
          waiting.push({ index, end });
          most = Math.max(most, waiting.length);
        });
      },
      skip: (index, reason) => course.push(`${index} ${reason}`),
    },
  ).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    // All that can start has started when nothing more is to be done but to wait.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    const [ended] = waiting.splice(pick(waiting.length), 1);
    if (ended === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const attempt = tries.get(ended.index) ?? 1;
    const code = isCancelled() ? 130 : (script[ended.index]?.[attempt - 1] ?? 0);
    const end = isCancelled() ? "stopped" : code === 0 ? "succeeded" : "failed";
    course.push(`${ended.index} ${end}`);
    ended.end({ end, exitCode: code });
  }
  return { ...(await done), course, most, tries };
}

test("what is ready runs at once, the rest when what it depends on has ended", async () => {
  const nodes = [node(), node(), node({ dependsOn: [0, 1] }), node({ dependsOn: [2] })];
  const { course, states, exitCode } = await walked(nodes, []);
  expect(course).toEqual([
    ...["0.1", "1.1", "1 succeeded", "0 succeeded", "2.1", "2 succeeded", "3.1", "3 succeeded"],
  ]);
  expect([exitCode, new Set(states)]).toEqual([0, new Set(["succeeded"])]);
});

test("a failure stops what depends on it, the rest runs on, and the first in time is the exit code", async () => {
  const nodes = [
    node(),
    node(),
    node({ dependsOn: [0] }),
    node({ dependsOn: [2] }),
    node({ dependsOn: [1] }),
  ];
  const { course, states, exitCode } = await walked(nodes, [[7], [], [], [], [9]], { pick: () => 0 });
  expect(course).toContain("2 needs");
  expect(states).toEqual(["failed", "succeeded", "skipped", "skipped", "failed"]);
  expect(exitCode).toBe(7);
});

test.each<[Node["when"], number, NodeState]>([
  ["success", 0, "succeeded"],
  ["success", 7, "skipped"],
  ["failure", 0, "skipped"],
  ["failure", 7, "succeeded"],
  ["always", 0, "succeeded"],
  ["always", 7, "succeeded"],
])("when: %s after a node that ends with %d: %s", async (when, code, state) => {
  const { states } = await walked([node(), node({ dependsOn: [0], when })], [[code]]);
  expect(states[1]).toBe(state);
});

test("a failure that is allowed counts as success, for others and for the exit code", async () => {
  const nodes = [
    node({ allowFailure: true }),
    node({ dependsOn: [0] }),
    node({ dependsOn: [0], when: "failure" }),
  ];
  const { states, exitCode } = await walked(nodes, [[7]]);
  expect([states, exitCode]).toEqual([["allowed", "succeeded", "skipped"], 0]);
});

test("in a sequence a step that was not needed stops nothing; in a graph what needs it is skipped", async () => {
  const nodes = [node(), node({ dependsOn: [0], when: "failure" }), node({ dependsOn: [0, 1] })];
  const sequence = await walked(nodes, [], { isSequence: true, jobs: 1 });
  expect(sequence.states).toEqual(["succeeded", "skipped", "succeeded"]);
  expect((await walked(nodes, [])).states).toEqual(["succeeded", "skipped", "skipped"]);
});

test("a node is run again until it succeeds or has no retries left", async () => {
  const { course, states } = await walked(
    [node({ retries: 2 }), node({ retries: 1 })],
    [
      [1, 1],
      [1, 1],
    ],
    {
      jobs: 1,
    },
  );
  expect(course.filter((line) => line.includes("."))).toEqual(["0.1", "0.2", "0.3", "1.1", "1.2"]);
  expect(states).toEqual(["succeeded", "failed"]);
});

test("fail-fast: what runs is told once, nothing new starts but what runs because of the failure", async () => {
  const nodes = [
    node(),
    node(),
    node(),
    node({ dependsOn: [1], when: "failure" }),
    node({ dependsOn: [2, 3], when: "always" }),
  ];
  const { course, states, exitCode } = await walked(nodes, [[7], [9]], {
    jobs: 2,
    failFast: true,
    pick: () => 0,
  });
  expect(course).toEqual([
    "0.1",
    "1.1",
    "0 failed",
    "first failure",
    "3.1",
    "3 succeeded",
    "4.1",
    "4 succeeded",
  ]);
  expect(states).toEqual(["failed", "stopped", "not run", "succeeded", "succeeded"]);
  expect(exitCode).toBe(7);
});

test("an attempt that throws ends the walk, when no other runs", async () => {
  const ended: number[] = [];
  const walk = walkGraph(
    { isSequence: false, nodes: [node(), node(), node({ dependsOn: [1] })] },
    { jobs: 2, failFast: false, isCancelled: () => false },
    {
      run: async (index) => {
        if (index === 0) throw new Error("no");
        await new Promise((resolve) => setImmediate(resolve));
        ended.push(index);
        return { end: "succeeded", exitCode: 0 };
      },
      skip: () => {},
    },
  );
  await expect(walk).rejects.toThrow("no");
  expect(ended).toEqual([1]);
});

/** A graph whose nodes depend on others in any direction of the file, without a cycle. */
const graphs = fc
  .array(
    fc.record({
      before: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
      when: fc.constantFrom<Node["when"]>("success", "success", "success", "failure", "always"),
      allowFailure: fc.boolean(),
      retries: fc.nat({ max: 2 }),
      codes: fc.array(fc.constantFrom(0, 0, 1, 7), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .chain((drafts) =>
    fc.shuffledSubarray([...drafts.keys()], { minLength: drafts.length }).map((order) => {
      // The draft at place p stands at order[p] of the file, and depends on drafts before p.
      const nodes: Node[] = [];
      const script: (readonly number[])[] = [];
      for (const [place, { before, codes, ...rest }] of drafts.entries()) {
        const places = place === 0 ? [] : [...new Set(before.map((one) => one % place))];
        nodes[order[place] ?? 0] = { ...rest, dependsOn: places.map((one) => order[one] ?? 0) };
        script[order[place] ?? 0] = codes;
      }
      return { nodes, script };
    }),
  );

test("laws of every walk: order, number at once, once each, conditions, retries, one state each", async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.record({ jobs: fc.integer({ min: 1, max: 5 }), failFast: fc.boolean(), isSequence: fc.boolean() }),
      fc.option(fc.nat({ max: 15 }), { nil: undefined }),
      fc.nat(),
      async ({ nodes, script }, options, cancelAfter, seed) => {
        const pick = (count: number) => (count === 0 ? 0 : seed % count);
        const limits = cancelAfter === undefined ? {} : { cancelAfter };
        const { course, states, most, tries, exitCode } = await walked(nodes, script, {
          ...options,
          ...limits,
          pick,
        });
        expect(most).toBeLessThanOrEqual(options.jobs);
        expect(states).toHaveLength(nodes.length);
        const starts = course.filter((line) => line.includes("."));
        expect(new Set(starts).size).toBe(starts.length);
        const bad = (state: NodeState | undefined) => state === "failed" || state === "stopped";
        for (const [index, { dependsOn, when, retries, allowFailure }] of nodes.entries()) {
          const state = states[index];
          const begun = course.indexOf(`${index}.1`);
          expect(begun >= 0).toBe(state !== "skipped" && state !== "not run");
          expect(course.some((line) => line.startsWith(`${index} n`) || line.startsWith(`${index} c`))).toBe(
            state === "skipped",
          );
          const before = dependsOn.map((one) => states[one]);
          if (begun >= 0) {
            for (const one of dependsOn) {
              const last = course.findLastIndex(
                (line) => line === `${one}` || line.startsWith(`${one} `) || line.startsWith(`${one}.`),
              );
              if (last >= 0) expect(last).toBeLessThan(begun);
            }
            if (when === "failure") expect(before.some(bad)).toBe(true);
            if (when === "success" && options.isSequence) expect(before.some(bad)).toBe(false);
            if (when === "success" && !options.isSequence)
              expect(before.every((one) => one === "succeeded" || one === "allowed")).toBe(true);
          }
          const codes = script[index] ?? [];
          const wanted = Array.from({ length: retries + 1 }, (_, attempt) => codes[attempt] ?? 0);
          const success = wanted.indexOf(0);
          if (state === "succeeded") expect(tries.get(index)).toBe(success + 1);
          if (cancelAfter === undefined && (state === "failed" || state === "allowed")) {
            expect(success).toBe(-1);
            expect(tries.get(index)).toBe(retries + 1);
          }
          if (state === "failed" || state === "allowed") expect(state === "allowed").toBe(allowFailure);
          if (state === "not run") expect(options.failFast || cancelAfter !== undefined).toBe(true);
        }
        if (cancelAfter === undefined) expect(exitCode === 0).toBe(!states.includes("failed"));
      },
    ),
    { numRuns: 1500 },
  );
});
