import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { contrast, leastContrast } from "../../src/reports/html/colors.ts";
import { htmlReport } from "../../src/reports/html.ts";
import type { RunReport } from "../../src/reports/runReport.ts";
import { type Browser, type Page, startBrowser, type View } from "../support/browser.ts";
import { type Folder, makeFolder } from "../support/harness.ts";
import { actionReport, graphReport, hostileText, shortLog, workflowReport } from "../support/reports.ts";

let browser: Browser;
let folder: Folder;
beforeAll(async () => {
  browser = await startBrowser();
  folder = makeFolder({});
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const phone: View = { width: 360, height: 740, dark: false };
const desktop: View = { width: 1280, height: 900, dark: false };
const views = [phone, desktop].flatMap((view) => [view, { ...view, dark: true }]);

const log = [
  ...Array.from({ length: 40 }, (_, index) => `\x1b[32mok\x1b[0m: [web1] line ${index} \x1b[2mfaint\x1b[0m`),
  Array.from({ length: 16 }, (_, index) => `\x1b[38;5;${index};48;5;${15 - index}m ${index} `).join(""),
  `\x1b[0m${"x".repeat(400)}`,
  "\x1b[1;31mfatal: [web1]: FAILED!\x1b[0m",
].join("\n");

let pages = 0;

/** Opens the report as a file. */
async function open(report: RunReport, output: string, view?: View): Promise<Page> {
  const name = `report-${pages++}.html`;
  folder.write(
    name,
    htmlReport(report, () => shortLog(output)),
  );
  return browser.open(pathToFileURL(join(folder.path, name)).href, view);
}

const hostileReport = actionReport({
  transaction: {
    ...{ status: "failed", block: hostileText, action: hostileText, image: hostileText, user: hostileText },
    ...{ command: [hostileText, "x".repeat(1000)], workspace: hostileText, commit: hostileText },
    artifacts: [
      { path: `${hostileText}${"x".repeat(500)}`, size: 1, change: "new", uid: 0, sha256: undefined },
    ],
  },
  failure: { by: "engine", message: hostileText, hint: hostileText, place: undefined },
});

/** The texts that have less contrast with what is behind them than is needed, and how many texts there are. */
const contrastsInPage = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => channels(color).slice(0, 3)
    .map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color)[3] !== 0) return color;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [];
  let count = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === "" || element.closest("title, desc")) continue;
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const [one, other] = [luminance(color), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    count++;
    if (!(contrast >= ${leastContrast})) low.push([walker.currentNode.data, color, behind(element), contrast]);
  }
  return { low, count };
})()`;

const openFolds = `document.querySelectorAll("details").forEach((fold) => { fold.open = true })`;

const widthTooMuch = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;

test.each(views)(
  "nothing is wider than the page, all text can be read, nothing complains: %o",
  async (view) => {
    for (const page of [
      await open(workflowReport(), log, view),
      await open(graphReport(), log, view),
      await open(hostileReport, hostileText, view),
    ]) {
      await page.evaluate(openFolds);
      expect(await page.evaluate(widthTooMuch)).toBe(0);
      expect(await page.evaluate("innerWidth")).toBe(view.width);
      expect(await page.evaluate(contrastsInPage)).toEqual({ low: [], count: expect.any(Number) });
      expect(page.messages).toEqual([]);
    }
  },
);

/** The bars of the picture: their part, place on the page, and colour; sizes in pixels. */
const barsInPage = `[...document.querySelectorAll("figure > svg rect")].map((rect) => {
  const { x, y, width, height } = rect.getBoundingClientRect();
  const box = document.querySelector("figure").getBoundingClientRect();
  return {
    name: rect.getAttribute("class") ?? "hatch",
    left: (x - box.x) / box.width, width: width / box.width, x: x + width / 2 + scrollX, y: y + height / 2 + scrollY,
    color: getComputedStyle(rect).fill,
  };
})`;

type Bar = { name: string; left: number; width: number; x: number; y: number; color: string };

function isBars(value: unknown): value is readonly Bar[] {
  return Array.isArray(value);
}

/** Returns the colours of the points of a picture, as \`rgb(1, 2, 3)\`. */
async function colorsAt(picture: string, points: readonly { x: number; y: number }[]): Promise<unknown> {
  const blank = await browser.open("about:blank");
  return blank.evaluate(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${picture}";
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return ${JSON.stringify(points)}.map(({ x, y }) => {
      const [red, green, blue] = canvas.getImageData(Math.round(x), Math.round(y), 1, 1).data;
      return \`rgb(\${red}, \${green}, \${blue})\`;
    });
  })()`);
}

/** Returns the colour that the browser calls `rgb(1, 2, 3)`. */
function colorOf(written: unknown): number {
  return (String(written).match(/\d+/g) ?? []).reduce((sum, channel) => sum * 256 + Number(channel), 0);
}

test.each(views)("the picture shows each part of each run where it was: %o", async (view) => {
  const page = await open(workflowReport(), log, view);
  const bars = await page.evaluate(barsInPage);
  if (!isBars(bars)) throw new Error("no bars");
  const expected = [
    ...[["prepare", 0, 1.5] as const, ["build", 1.5, 27.5] as const, ["hatch", 1.5, 27.5] as const],
    ...[["prepare", 29, 2] as const, ["run", 31, 10] as const],
    ...[["prepare", 42, 1] as const, ["run", 43, 52] as const],
  ];
  expect(bars.map(({ name }) => name)).toEqual(expected.map(([name]) => name));
  for (const [index, [, start, length]] of expected.entries()) {
    expect(bars[index]?.left).toBeCloseTo(start / 95, 2);
    expect(bars[index]?.width).toBeCloseTo(length / 95, 2);
  }
  const runs = bars.filter(({ name }) => name === "run");
  const paper = colorOf(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"));
  const outline = colorOf(
    await page.evaluate(`getComputedStyle(document.querySelector("rect.prepare")).stroke`),
  );
  for (const color of [outline, ...runs.map((run) => colorOf(run.color))]) {
    expect(contrast(color, paper)).toBeGreaterThanOrEqual(3);
  }
  expect(runs[0]?.color).not.toBe(runs[1]?.color);
  expect(await colorsAt(await page.screenshot(), runs)).toEqual(runs.map(({ color }) => color));
});

test("no label of the picture lies on another, on a phone too", async () => {
  const page = await open(workflowReport(), log, phone);
  const overlaps = await page.evaluate(`(() => {
    const boxes = [...document.querySelectorAll("figure > svg text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    return boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
      .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
      .map(([other]) => one + " / " + other));
  })()`);
  expect(overlaps).toEqual([]);
});

test("the outcome is seen without scrolling, and the colour of the page follows the light", async () => {
  const page = await open(workflowReport(), log, phone);
  expect(
    await page.evaluate(`document.querySelector(".failure").getBoundingClientRect().bottom < innerHeight`),
  ).toBe(true);
  const paper = `getComputedStyle(document.documentElement).backgroundColor`;
  expect(await page.evaluate(paper)).toBe("rgb(255, 255, 255)");
  const dark = await open(workflowReport(), log, { ...phone, dark: true });
  expect(await dark.evaluate(paper)).toBe("rgb(30, 35, 41)");
});

test("the keyboard reaches the link, the tables and every fold, in the order of the page, and opens a fold", async () => {
  const page = await open(workflowReport(), log);
  const focused = `(() => {
    const element = document.activeElement;
    return (element.getAttribute("aria-label") ?? element.textContent).slice(0, 40);
  })()`;
  const reached: unknown[] = [];
  for (let count = 0; count < 7; count++) {
    await page.press("Tab");
    reached.push(await page.evaluate(focused));
  }
  expect(reached).toEqual([
    ...["Go to deploy: web install", "Times as a table", "22 earlier lines", "Artifacts", "Command"],
    ...["22 earlier lines", "Command"],
  ]);
  const isOpen = `document.activeElement.parentElement.open`;
  expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe("solid");
  expect(await page.evaluate(isOpen)).toBe(false);
  await page.press("Enter");
  expect(await page.evaluate(isOpen)).toBe(true);
});

test("a screen reader finds landmarks, headings in order, a language, table heads, and the picture in words", async () => {
  const page = await open(workflowReport(), log);
  expect(await page.evaluate(`document.documentElement.lang`)).toBe("en");
  expect(
    await page.evaluate(
      `["header", "main", "footer"].map((name) => document.querySelectorAll("body > " + name).length)`,
    ),
  ).toEqual([1, 1, 1]);
  expect(
    await page.evaluate(
      `[...document.querySelectorAll("h1, h2, h3")].map(({ localName }) => localName).join(" ")`,
    ),
  ).toBe("h1 h2 h2 h3 h3 h3 h2 h3 h3 h3");
  expect(
    await page.evaluate(
      `[...document.querySelectorAll("table")].filter((table) => !table.querySelector("thead th[scope=col]")).length`,
    ),
  ).toBe(0);
  expect(
    await page.evaluate(`document.querySelectorAll("svg[role=img] > title, svg[role=img] > desc").length`),
  ).toBe(2);
  expect(await page.evaluate(`document.getElementById("picture-text").textContent`)).toContain(
    "notify not run",
  );
});

test("what was written is what the parser reads: no element is mended, moved or left open", async () => {
  for (const [report, output] of [
    [workflowReport(), log],
    [hostileReport, hostileText],
  ] as const) {
    const page = await open(report, output);
    const written = htmlReport(report, () => shortLog(output));
    const read = `<!DOCTYPE html>\n${await page.evaluate(`document.documentElement.outerHTML`)}`;
    expect(firstDifference(asSerialized(read), asSerialized(written))).toBe("");
  }
});

/** A quote is written differently in text, and what comes after the body is put into it. */
function asSerialized(markup: string): string {
  return markup.replaceAll("&quot;", '"').replace(/\s*<\/body><\/html>\s*$/, "");
}

/** What is read from where it is not what was written. */
function firstDifference(read: string, written: string): string {
  let index = 0;
  while (index < written.length && read[index] === written[index]) index++;
  return read.slice(index, index + 200);
}

test("hostile output does nothing: no script, no element, no request, no message", async () => {
  const page = await open(hostileReport, hostileText);
  expect(await page.evaluate(`document.title`)).not.toBe("owned");
  expect(
    await page.evaluate(`document.querySelectorAll("script, img, iframe, object, embed, form").length`),
  ).toBe(0);
  expect(
    await page.evaluate(
      `[...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]).filter(({ name }) => name.startsWith("on")).length`,
    ),
  ).toBe(0);
  expect(await page.evaluate(`document.querySelector("pre.log").textContent`)).toContain(
    hostileText.split("\n")[1] ?? "",
  );
  expect(page.requests.length).toBe(1);
  expect(page.messages).toEqual([]);
});

test("the policy would stop a script, a style and a picture that came in nevertheless", async () => {
  using server = serverOf("");
  const page = await open(actionReport(), "x");
  await page.evaluate(
    `document.body.insertAdjacentHTML("beforeend", '<img src="${server.address}" onerror="document.title = 1"><p id="late" style="position: fixed">')`,
  );
  await page.evaluate(`new Promise((done) => setTimeout(done, 100))`);
  expect(await page.evaluate(`document.title`)).toBe("✓ web install succeeded");
  expect(await page.evaluate(`getComputedStyle(document.getElementById("late")).position`)).toBe("static");
  expect(page.messages.join("\n")).toContain("Content Security Policy");
  expect(server.asked).toEqual([]);
});

test("from a server too, the page is all that is asked for, without an icon", async () => {
  using server = serverOf(htmlReport(workflowReport(), () => shortLog(log)));
  const page = await browser.open(server.address);
  await page.evaluate(`new Promise((done) => setTimeout(done, 200))`);
  expect(server.asked).toEqual(["/report.html"]);
  expect(page.requests.filter((address) => !address.startsWith("data:"))).toEqual([server.address]);
  expect(page.messages).toEqual([]);
});

/** A server that has this page, and what it was asked for. */
function serverOf(markup: string) {
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => {
      asked.push(new URL(url).pathname);
      return new Response(markup, { headers: { "content-type": "text/html" } });
    },
  });
  return { asked, address: `${server.url.href}report.html`, [Symbol.dispose]: () => void server.stop(true) };
}

test("one line of a megabyte, and a log of colours, are shown within a second or two", async () => {
  const colors = "\x1b[31ma\x1b[32mb\x1b[0m\n".repeat(20_000);
  for (const output of ["x".repeat(1_000_000), colors]) {
    const started = performance.now();
    const page = await open(actionReport(), output, phone);
    await page.evaluate(openFolds);
    expect(await page.evaluate(widthTooMuch)).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  }
});
