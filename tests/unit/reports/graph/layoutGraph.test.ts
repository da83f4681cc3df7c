import { expect, test } from "bun:test";
import fc from "fast-check";
import { type GraphLayout, layoutGraph, type Size } from "../../../../src/reports/graph/layoutGraph.ts";

const box: Size = { width: 100, height: 40 };

test("a step stands to the right of what it needs, and beside what it does not", () => {
  const { places, width, height } = layoutGraph([box, box, box, box], [[], [0], [0], [1, 2]]);
  expect(places).toEqual([
    { x: 12, y: 41 },
    { x: 164, y: 12 },
    { x: 164, y: 70 },
    { x: 316, y: 41 },
  ]);
  expect({ width, height }).toEqual({ width: 428, height: 122 });
});

test("a line leads around the layers that it passes", () => {
  const { lines } = layoutGraph([box, box, box], [[], [0], [0, 1]]);
  const [line] = lines.filter(({ from, to }) => from === 0 && to === 2);
  expect(line?.points.map(({ x }) => x)).toEqual([112, 112, 164, 264, 316]);
});

test("lines that would cross are disentangled", () => {
  // 0 → 3 and 1 → 2, written the other way round.
  const { places } = layoutGraph([box, box, box, box], [[], [], [1], [0]]);
  expect((places[2]?.y ?? 0) > (places[3]?.y ?? 0)).toBe(true);
});

test("nothing is drawn of a graph without steps", () => {
  expect(layoutGraph([], [])).toEqual({ width: 24, height: 12, places: [], lines: [] });
});

/** Graphs in which each box needs some of those before it, with boxes of all sizes. */
const graphs = fc
  .array(fc.tuple(fc.integer({ min: 20, max: 300 }), fc.integer({ min: 20, max: 200 }), fc.nat(), fc.nat()), {
    minLength: 1,
    maxLength: 40,
  })
  .map((rows) => ({
    boxes: rows.map(([width, height]): Size => ({ width, height })),
    needs: rows.map(([, , one, other], index) =>
      index === 0
        ? []
        : [...new Set([one % (index + 1), other % (index + 1)])].filter((need) => need < index),
    ),
  }));

test("in any graph boxes stand apart, right of what they need, and straight lines cross none of them", () => {
  fc.assert(
    fc.property(graphs, ({ boxes, needs }) => {
      const layout = layoutGraph(boxes, needs);
      expect(overlapping(layout, boxes)).toEqual([]);
      for (const [index, all] of needs.entries()) {
        for (const need of all) {
          const [left, right] = [layout.places[need], layout.places[index]];
          expect((left?.x ?? 0) + (boxes[need]?.width ?? 0)).toBeLessThan(right?.x ?? 0);
        }
      }
      expect(layout.lines.length).toBe(needs.flat().length);
      expect(pierced(layout, boxes)).toEqual([]);
    }),
  );
});

function overlapping({ places, width, height }: GraphLayout, boxes: readonly Size[]) {
  const areas = places.map((place, index) => ({ ...place, ...(boxes[index] ?? box) }));
  return areas.filter(
    (one, index) =>
      !(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height) ||
      areas.some(
        (other, place) =>
          place > index &&
          one.x < other.x + other.width &&
          other.x < one.x + one.width &&
          one.y < other.y + other.height &&
          other.y < one.y + one.height,
      ),
  );
}

/** Lines that lead through a box on their way through its layer. */
function pierced({ places, lines }: GraphLayout, boxes: readonly Size[]) {
  return lines.filter(({ from, to, points }) =>
    points.some((point, index) => {
      const next = points[index + 1];
      if (next === undefined || index % 2 === 1) return false;
      return places.some(
        ({ x, y }, place) =>
          place !== from &&
          place !== to &&
          point.y > y &&
          point.y < y + (boxes[place]?.height ?? 0) &&
          point.x < x + (boxes[place]?.width ?? 0) &&
          next.x > x,
      );
    }),
  );
}
