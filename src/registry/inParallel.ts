/** Returns the results of the work on each item, in their order, with at most `limit` at once. The first error ends it. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const queue = items.entries();
  let hasFailed = false;
  const takeNext = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (hasFailed) return;
      results.set(index, await work(item));
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, takeNext);
  await Promise.all(workers).catch(async (error: unknown) => {
    hasFailed = true;
    await Promise.allSettled(workers);
    throw error;
  });
  return items.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
}
