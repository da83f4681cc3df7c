import { otlpSettings } from "../../reports/otlpSettings.ts";
import type { EnvironmentOptions, EnvironmentReaders } from "./ciReaders.ts";
import type { Messages } from "./messages.ts";

/**
 * Returns the readers for the CI system and the collector of spans that the environment names; none without, which costs
 * nothing. They come before those that print.
 */
export async function environmentReaders(
  messages: Messages,
  options: EnvironmentOptions,
): Promise<EnvironmentReaders> {
  const { GITHUB_ACTIONS, GITLAB_CI } = options.environment;
  const isAsked =
    GITHUB_ACTIONS === "true" || GITLAB_CI === "true" || otlpSettings(options.environment) !== undefined;
  if (!isAsked) return { readers: [], [Symbol.asyncDispose]: async () => {} };
  const { ciReaders } = await import("./ciReaders.ts");
  return ciReaders(messages, options);
}
