import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { entryOfVersion, readChangelog } from "../../scripts/release/changelog.ts";
import { version } from "../../src/version.ts";
import { root } from "../support/readme.ts";

const folder = join(root, ".github");
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");

test.each(["ci.yml", "release.yml"])("%s does only what the project's own scripts do", (name) => {
  const { jobs } = parse(textOf(`workflows/${name}`));
  const steps = Object.values<{ steps: readonly { uses?: string; run?: string }[] }>(jobs).flatMap(
    (job) => job.steps,
  );
  const commands = steps.flatMap(({ run }) => run ?? []);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    const [, script = "none"] = /^sh (scripts\/\S+\.sh)(?: "?[-$\w]+"?)*$/.exec(command) ?? [];
    expect([command, existsSync(join(root, script))]).toEqual([command, true]);
  }
  expect(steps.flatMap(({ uses }) => uses ?? [])).toEqual(["actions/checkout@v4"]);
});

test.each(["bug.yml", "feature.yml"])(
  "the form %s asks for something, and each of its questions once",
  (name) => {
    const form: {
      name: string;
      description: string;
      body: readonly { id: string; attributes: { label: string } }[];
    } = parse(textOf(`ISSUE_TEMPLATE/${name}`));
    expect(form.name).not.toBe("");
    expect(form.description).not.toBe("");
    expect(new Set(form.body.map(({ id }) => id)).size).toBe(form.body.length);
    for (const { attributes } of form.body) expect(attributes.label).not.toBe("");
  },
);

const documents = readdirSync(folder).filter((file) => file.endsWith(".md"));

test.each(documents)("every link of %s leads to a file of the project or to a page", (name) => {
  const links = [...textOf(name).matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => link.replace(/#.*/, ""));
  const broken = links.filter((link) => !link.startsWith("https:") && !existsSync(join(folder, link)));
  expect(broken).toEqual([]);
});

test.each(documents)("every file that %s names exists", (name) => {
  const named = [...textOf(name).matchAll(/`((?:src|tests|scripts|\.github)\/[^`\s]*)`/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("the changelog has this version, newest first, with days and changes", () => {
  const entries = readChangelog(textOf("CHANGELOG.md"));
  expect(entries[0]?.version).toBe(version);
  for (const { date, changes } of entries) {
    expect(new Date(`${date}T00:00:00Z`).toISOString()).toStartWith(date);
    expect(changes.length).toBeGreaterThan(0);
  }
  expect(entries.map((entry) => entry.date)).toEqual(
    entries
      .map((entry) => entry.date)
      .toSorted()
      .reverse(),
  );
});

test("a version that the changelog does not have cannot be released", () => {
  expect(() => entryOfVersion("# Changelog\n\n## 0.1.0 (2026-01-31)\n\n- One.\n", "0.2.0")).toThrow(
    ".github/CHANGELOG.md has no entry `## 0.2.0 (DATE)`",
  );
});

test("the README has one line on the terms of use, until the owner states them", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme.match(/^\*\*Terms of use:\*\* .+$/gm)).toHaveLength(1);
});
