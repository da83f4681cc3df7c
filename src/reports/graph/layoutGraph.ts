/** The size of a box, in pixels. */
export type Size = { readonly width: number; readonly height: number };

export type Point = { readonly x: number; readonly y: number };

/**
 * Where boxes are, by their upper left corners, and the points of the lines between them: straight through a layer, then to the
 * next one, in turn.
 */
export type GraphLayout = Size & {
  readonly places: readonly Point[];
  readonly lines: readonly {
    readonly from: number;
    readonly to: number;
    readonly points: readonly Point[];
  }[];
};

/** Between layers, between boxes of one layer, and around all of it. */
const gap = { x: 52, y: 18, margin: 12 };
const lineHeight = 6;

/**
 * Places boxes in layers from left to right, each behind all that it needs, so that few lines cross and most are straight
 * (Sugiyama's method). Nothing may need itself.
 */
export function layoutGraph(boxes: readonly Size[], needs: readonly (readonly number[])[]): GraphLayout {
  const graph = layered(boxes, needs);
  const order = withFewCrossings(graph);
  const centers = centersOf(graph, order);
  const columns = layerColumns(graph, order);
  const top = Math.min(0, ...graph.items.map(({ height }, index) => (centers[index] ?? 0) - height / 2));
  const middle = (item: number) => (centers[item] ?? 0) - top + gap.margin;
  const places = boxes.map(({ height }, box) => ({
    x: columns[graph.items[box]?.layer ?? 0]?.x ?? 0,
    y: middle(box) - height / 2,
  }));
  const lines = graph.chains.map(({ from, to, between }) => ({
    from,
    to,
    points: [
      { x: (places[from]?.x ?? 0) + (boxes[from]?.width ?? 0), y: middle(from) },
      { x: rightOf(columns[graph.items[from]?.layer ?? 0]), y: middle(from) },
      ...between.flatMap((item) => {
        const { x = 0, width = 0 } = columns[graph.items[item]?.layer ?? 0] ?? {};
        return [
          { x, y: middle(item) },
          { x: x + width, y: middle(item) },
        ];
      }),
      { x: places[to]?.x ?? 0, y: middle(to) },
    ],
  }));
  return {
    width: rightOf(columns.at(-1)) + gap.margin,
    height: Math.max(0, ...places.map(({ y }, box) => y + (boxes[box]?.height ?? 0))) + gap.margin,
    places,
    lines,
  };
}

/** A box, or in a layer between two boxes the place of the line that passes: these come after all boxes. */
type Item = { readonly layer: number; readonly width: number; readonly height: number };

type Layered = {
  readonly items: readonly Item[];
  /** Of each item those of the layer before, and of the layer after, that a line leads to. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** A line between boxes, and the items that it passes. */
  readonly chains: readonly {
    readonly from: number;
    readonly to: number;
    readonly between: readonly number[];
  }[];
};

function layered(boxes: readonly Size[], needs: readonly (readonly number[])[]): Layered {
  const layers = layersOf(needs);
  const items: Item[] = boxes.map((box, index) => ({ ...box, layer: layers[index] ?? 0 }));
  const before: number[][] = boxes.map(() => []);
  const after: number[][] = boxes.map(() => []);
  const link = (from: number, to: number) => {
    if (after[from]?.includes(to) === true) return;
    after[from]?.push(to);
    before[to]?.push(from);
  };
  // Lines from one box share their way as long as they can.
  const passing = new Map<string, number>();
  const itemFor = (from: number, layer: number) => {
    const key = `${from} ${layer}`;
    const known = passing.get(key);
    if (known !== undefined) return known;
    const item = items.push({ layer, width: 0, height: lineHeight }) - 1;
    before.push([]);
    after.push([]);
    passing.set(key, item);
    return item;
  };
  const chains = needs.flatMap((all, to) =>
    all.map((from) => {
      const between: number[] = [];
      for (let layer = (layers[from] ?? 0) + 1; layer < (layers[to] ?? 0); layer += 1) {
        between.push(itemFor(from, layer));
      }
      const way = [from, ...between, to];
      for (const [index, item] of way.slice(1).entries()) link(way[index] ?? from, item);
      return { from, to, between };
    }),
  );
  return { items, before, after, chains };
}

/** The length of the longest way to each box. */
function layersOf(needs: readonly (readonly number[])[]): readonly number[] {
  const known = new Map<number, number>();
  const layerOf = (index: number): number => {
    const found = known.get(index);
    if (found !== undefined) return found;
    const layer = Math.max(-1, ...(needs[index] ?? []).map(layerOf)) + 1;
    known.set(index, layer);
    return layer;
  };
  return needs.map((_, index) => layerOf(index));
}

/** The items of each layer from top to bottom. */
type Order = readonly (readonly number[])[];

/** Each layer in turn is sorted by where the lines to it come from, and then by where they lead; the best order is taken. */
function withFewCrossings(graph: Layered): Order {
  const layers = Math.max(-1, ...graph.items.map(({ layer }) => layer)) + 1;
  let order: Order = Array.from({ length: layers }, (_, layer) =>
    [...graph.items.keys()].filter((item) => graph.items[item]?.layer === layer),
  );
  let best = { order, crossings: crossingsIn(graph, order) };
  for (let sweep = 0; sweep < sweeps && best.crossings > 0; sweep += 1) {
    const isForward = sweep % 2 === 0;
    const sorted = [...order];
    const positions = new Map(order.flatMap((layer) => layer.map((item, index) => [item, index] as const)));
    for (const layer of isForward ? sorted.keys() : [...sorted.keys()].reverse()) {
      const neighbours = isForward ? graph.before : graph.after;
      const items = (sorted[layer] ?? []).map((item) => {
        const places = (neighbours[item] ?? []).map((one) => positions.get(one) ?? 0);
        return { item, place: places.length === 0 ? (positions.get(item) ?? 0) : meanOf(places) };
      });
      sorted[layer] = items.sort((a, b) => a.place - b.place).map(({ item }) => item);
      for (const [index, item] of (sorted[layer] ?? []).entries()) positions.set(item, index);
    }
    order = sorted;
    const crossings = crossingsIn(graph, order);
    if (crossings < best.crossings) best = { order, crossings };
  }
  return best.order;
}

const sweeps = 12;

function crossingsIn({ after }: Layered, order: Order): number {
  const positions = new Map(order.flatMap((layer) => layer.map((item, index) => [item, index] as const)));
  let crossings = 0;
  for (const layer of order) {
    const ends = layer.map((item) => (after[item] ?? []).map((one) => positions.get(one) ?? 0));
    for (const [index, upper] of ends.entries()) {
      for (const lower of ends.slice(index + 1)) {
        for (const end of upper) crossings += lower.filter((other) => other < end).length;
      }
    }
  }
  return crossings;
}

/** The height of each item's middle: near to what its lines lead to, and none on another. */
function centersOf(graph: Layered, order: Order): readonly number[] {
  const centers: number[] = graph.items.map(() => 0);
  for (const layer of order) placeLayer(graph, layer, centers, () => 0);
  for (let pass = 0; pass < passes; pass += 1) {
    const isForward = pass % 2 === 0;
    const neighbours = isForward ? graph.before : graph.after;
    for (const layer of isForward ? order : order.toReversed()) {
      placeLayer(graph, layer, centers, (item) => {
        const near = (neighbours[item] ?? []).map((one) => centers[one] ?? 0);
        return near.length === 0 ? (centers[item] ?? 0) : meanOf(near);
      });
    }
  }
  return centers;
}

const passes = 9;

/** Puts each item where it wants to be; those that would overlap share what they want (isotonic regression). */
function placeLayer(
  { items }: Layered,
  layer: readonly number[],
  centers: number[],
  wanted: (item: number) => number,
): void {
  let offset = 0;
  let previous = 0;
  const offsets = layer.map((item, index) => {
    const half = (items[item]?.height ?? 0) / 2;
    if (index > 0) offset += previous + gap.y + half;
    previous = half;
    return offset;
  });
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, item] of layer.entries()) {
    blocks.push({ sum: wanted(item) - (offsets[index] ?? 0), count: 1 });
    for (let last = blocks.length - 1; last > 0; last -= 1) {
      const [upper, lower] = [blocks[last - 1], blocks[last]];
      if (upper === undefined || lower === undefined) break;
      if (upper.sum / upper.count <= lower.sum / lower.count) break;
      blocks.splice(last - 1, 2, { sum: upper.sum + lower.sum, count: upper.count + lower.count });
    }
  }
  const shifts = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  for (const [index, item] of layer.entries()) centers[item] = (shifts[index] ?? 0) + (offsets[index] ?? 0);
}

type Column = { readonly x: number; readonly width: number };

function rightOf(column: Column | undefined): number {
  return column === undefined ? gap.margin : column.x + column.width;
}

function layerColumns({ items }: Layered, order: Order): readonly Column[] {
  let x = gap.margin;
  return order.map((layer) => {
    const width = Math.max(0, ...layer.map((item) => items[item]?.width ?? 0));
    const column = { x, width };
    x += width + gap.x;
    return column;
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
