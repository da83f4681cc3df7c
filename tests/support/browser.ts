import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memberAt, parseJson, textAt } from "../../src/host/json.ts";

// A small client of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/), on the loopback interface.

/** A headless Chromium of its own, with a profile that is gone after it. */
export type Browser = AsyncDisposable & { readonly open: (url: string, view?: View) => Promise<Page> };

/** What a page is shown on. */
export type View = { readonly width: number; readonly height: number; readonly dark: boolean };

/** An open page, and what it did since it was opened. */
export type Page = {
  /** Messages of its console, errors included, and of the browser about it. */
  readonly messages: readonly string[];
  /** The addresses that it asked for, its own first. */
  readonly requests: readonly string[];
  /** Returns what the expression is, as JSON would carry it. Throws what it throws. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  /** Presses a key, by the name and the code of its kind. */
  readonly press: (key: "Tab" | "Enter") => Promise<void>;
  /** Returns a picture of all of the page, as base64 of a PNG. */
  readonly screenshot: () => Promise<string>;
};

/**
 * Starts Chromium. The pages are our own, so it needs no sandbox, which does not work for root; nor does its shared memory in
 * small containers.
 */
export async function startBrowser(): Promise<Browser> {
  const program = Bun.which("chromium") ?? Bun.which("google-chrome");
  if (program === null) throw new Error("these tests need Debian's chromium, or google-chrome");
  const folder = mkdtempSync(join(tmpdir(), "polycrate-test-browser-"));
  const child = Bun.spawn(
    [
      ...[program, "--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${folder}`],
      ...["--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-extensions"],
      "about:blank",
    ],
    { env: { ...process.env, HOME: folder, TMPDIR: folder }, stdout: "ignore", stderr: "pipe" },
  );
  const remove = async () => {
    child.kill();
    await child.exited;
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    const connection = await connect(await debuggingAddress(child.stderr));
    return {
      open: (url, view) => openPage(connection, url, view),
      [Symbol.asyncDispose]: async () => {
        await connection.send("Browser.close");
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What Chromium says when it listens. */
async function debuggingAddress(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`chromium did not start:\n${text}`);
}

type Parameters = Readonly<Record<string, unknown>>;

type Connection = {
  /** Sends a command and returns its result. Throws the browser's message. */
  readonly send: (method: string, parameters?: Parameters, session?: string) => Promise<unknown>;
  readonly onEvent: (listener: (session: string, method: string, parameters: unknown) => void) => void;
};

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners: ((session: string, method: string, parameters: unknown) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const message = parseJson(String(data));
    const id = memberAt(message, "id");
    if (typeof id !== "number") {
      for (const listener of listeners) {
        listener(
          textAt(message, "sessionId") ?? "",
          textAt(message, "method") ?? "",
          memberAt(message, "params"),
        );
      }
      return;
    }
    const problem = textAt(message, "error", "message");
    if (problem === undefined) waiting.get(id)?.resolve(memberAt(message, "result"));
    else waiting.get(id)?.reject(new Error(problem));
    waiting.delete(id);
  };
  const opened = Promise.withResolvers<void>();
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new Error(`no connection to ${address}`));
  await opened.promise;
  let last = 0;
  return {
    onEvent: (listener) => void listeners.push(listener),
    send: (method, params = {}, sessionId) => {
      const answer = Promise.withResolvers<unknown>();
      last += 1;
      waiting.set(last, answer);
      socket.send(JSON.stringify({ id: last, method, params, sessionId }));
      return answer.promise;
    },
  };
}

const desktop: View = { width: 1280, height: 900, dark: false };

async function openPage(connection: Connection, url: string, view = desktop): Promise<Page> {
  const targetId = textAt(await connection.send("Target.createTarget", { url: "about:blank" }), "targetId");
  const attached = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const session = textAt(attached, "sessionId") ?? "";
  const send = (method: string, parameters?: Parameters) => connection.send(method, parameters, session);
  const loaded = Promise.withResolvers<void>();
  const messages: string[] = [];
  const requests: string[] = [];
  connection.onEvent((from, method, parameters) => {
    if (from !== session) return;
    if (method === "Page.loadEventFired") loaded.resolve();
    if (method === "Network.requestWillBeSent") requests.push(textAt(parameters, "request", "url") ?? "");
    if (method === "Log.entryAdded") messages.push(textAt(parameters, "entry", "text") ?? "");
    if (/^Runtime\.(?:consoleAPICalled|exceptionThrown)$/.test(method))
      messages.push(JSON.stringify(parameters));
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", {
    ...{ width: view.width, height: view.height, deviceScaleFactor: 1 },
    mobile: view.width < 600,
  });
  const value = view.dark ? "dark" : "light";
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
  await send("Page.navigate", { url });
  await loaded.promise;
  return {
    messages,
    requests,
    evaluate: async (expression) => {
      const result = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
      const problem = memberAt(result, "exceptionDetails");
      if (problem !== undefined) throw new Error(JSON.stringify(problem));
      return memberAt(result, "result", "value");
    },
    press: async (key) => {
      const code = { key, code: key, windowsVirtualKeyCode: { Tab: 9, Enter: 13 }[key] };
      await send("Input.dispatchKeyEvent", {
        type: "keyDown",
        ...code,
        ...(key === "Enter" ? { text: "\r" } : {}),
      });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...code });
    },
    screenshot: async () => {
      const picture = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      return textAt(picture, "data") ?? "";
    },
  };
}
