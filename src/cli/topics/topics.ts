import blocks from "./blocks.md" with { type: "text" };
import caches from "./caches.md" with { type: "text" };
import ci from "./ci.md" with { type: "text" };
import container from "./container.md" with { type: "text" };
import encryption from "./encryption.md" with { type: "text" };
import engines from "./engines.md" with { type: "text" };
import exitCodes from "./exit-codes.md" with { type: "text" };
import { insertGenerated } from "./generated.ts";
import image from "./image.md" with { type: "text" };
import inputs from "./inputs.md" with { type: "text" };
import installation from "./installation.md" with { type: "text" };
import limits from "./limits.md" with { type: "text" };
import lock from "./lock.md" with { type: "text" };
import migrate from "./migrate.md" with { type: "text" };
import performance from "./performance.md" with { type: "text" };
import pipelines from "./pipelines.md" with { type: "text" };
import records from "./records.md" with { type: "text" };
import remote from "./remote.md" with { type: "text" };
import reports from "./reports.md" with { type: "text" };
import secrets from "./secrets.md" with { type: "text" };
import ssh from "./ssh.md" with { type: "text" };
import toolchain from "./toolchain.md" with { type: "text" };
import trust from "./trust.md" with { type: "text" };
import user from "./user.md" with { type: "text" };
import validate from "./validate.md" with { type: "text" };
import warm from "./warm.md" with { type: "text" };
import workflows from "./workflows.md" with { type: "text" };
import workspace from "./workspace.md" with { type: "text" };

/** A topic of the manual. */
export type Topic = {
  readonly name: string;
  /** One sentence that says what it is about. */
  readonly summary: string;
  /** Markdown, with its generated parts. */
  readonly text: string;
};

/** The topics' files, in the order of the overview. */
const sources: Readonly<Record<string, string>> = {
  installation,
  workspace,
  blocks,
  inputs,
  workflows,
  pipelines,
  container,
  limits,
  trust,
  caches,
  warm,
  image,
  lock,
  user,
  ssh,
  engines,
  remote,
  secrets,
  encryption,
  records,
  reports,
  "exit-codes": exitCodes,
  validate,
  ci,
  toolchain,
  performance,
  migrate,
};

/** The names of all topics, in the order of the overview. */
export const topicNames: readonly string[] = Object.keys(sources);

/** Returns the topic of a name, or undefined when there is none. */
export function findTopic(name: string): Topic | undefined {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (source === undefined) return undefined;
  // The title, an empty line, the sentence.
  const summary = source.split("\n")[2] ?? "";
  return { name, summary, text: insertGenerated(source) };
}

/** Returns all topics, in the order of the overview. */
export function allTopics(): readonly Topic[] {
  return topicNames.flatMap((name) => findTopic(name) ?? []);
}
