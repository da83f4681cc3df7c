import { expect, test } from "bun:test";
import { stepGroups } from "../../../../../src/cli/output/graph/stepGroups.ts";

/** Groups that print into a list; while `isSlow`, printing waits for `resume`. */
function groups() {
  const printed: string[] = [];
  let blocked: PromiseWithResolvers<void> | undefined;
  const made = stepGroups((_, lines) => {
    printed.push(lines.length > 100 ? `${lines.length}` : lines.toString());
    return blocked?.promise;
  });
  return {
    ...made,
    text: () => printed.join(""),
    block: () => {
      blocked = Promise.withResolvers();
    },
    resume: () => {
      blocked?.resolve();
      blocked = undefined;
    },
    put: (key: string, text: string) => made.add(key, "stdout", Buffer.from(text)),
  };
}

test("the first step is printed while it runs, the others whole and in their order", async () => {
  const all = groups();
  all.put("a", "a1 ");
  all.put("b", "b1 ");
  all.put("c", "c1 ");
  await all.printed();
  expect(all.text()).toBe("a1 ");
  all.close("c");
  all.put("a", "a2 ");
  all.put("b", "b2 ");
  await all.printed();
  expect(all.text()).toBe("a1 a2 ");
  all.close("a");
  await all.printed();
  expect(all.text()).toBe("a1 a2 b1 b2 ");
  all.close("b");
  await all.printed();
  expect(all.text()).toBe("a1 a2 b1 b2 c1 ");
});

test("a step that prints nothing holds up the others only until it ends", async () => {
  const all = groups();
  all.close("a");
  all.put("b", "b ");
  all.close("b");
  await all.printed();
  expect(all.text()).toBe("b ");
});

test("a slow reader loses nothing and mixes nothing up", async () => {
  const all = groups();
  all.block();
  all.put("a", "1");
  all.put("a", "2");
  all.put("b", "4");
  all.close("b");
  all.put("a", "3");
  all.close("a");
  expect(all.text()).toBe("1");
  all.resume();
  await all.printed();
  expect(all.text()).toBe("1234");
});

test("a step that has printed too much waits until its turn comes, and for nothing after the end is near", async () => {
  const all = groups();
  const much = "x".repeat(17_000_000);
  all.put("a", "a ");
  const full = all.put("b", much);
  expect(full).toBeInstanceOf(Promise);
  all.close("a");
  await full;
  await all.printed();
  expect(all.text()).toBe("a 17000000");
  all.put("b", "b ");
  const other = all.put("c", much);
  all.abandon();
  await other;
  expect(all.put("c", much)).toBe(undefined);
});

test("what waits for something is printed after it", async () => {
  const all = groups();
  const { promise, resolve } = Promise.withResolvers<void>();
  all.put("a", "1");
  all.wait("a", () => promise);
  all.put("a", "2");
  await new Promise((next) => setImmediate(next));
  expect(all.text()).toBe("1");
  resolve();
  await all.printed();
  expect(all.text()).toBe("12");
});
