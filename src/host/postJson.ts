import { codeOf } from "./fileErrors.ts";

/** Where and how a value is posted. */
export type PostOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for the connection and the answer's status together. */
  readonly timeout: number;
};

/** Posts a value as JSON, and follows no redirect; returns why it was not taken, undefined when it was. Never throws. */
export async function postJson(
  value: unknown,
  { url, headers, timeout }: PostOptions,
): Promise<string | undefined> {
  try {
    if (!/^https?:$/.test(new URL(url).protocol)) return "the address does not begin with http: or https:";
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(value),
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    void response.body?.cancel().catch(() => {});
    return response.ok ? undefined : `the answer was ${response.status}`;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return `no answer after ${timeout / 1000} s`;
    return reasons[codeOf(error)] ?? "the request failed";
  }
}

const reasons: Readonly<Record<string, string>> = {
  ConnectionRefused: "the connection was refused",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was closed",
  ERR_INVALID_URL: "the address is not a URL",
  FailedToOpenSocket: "the host is not reachable",
};
