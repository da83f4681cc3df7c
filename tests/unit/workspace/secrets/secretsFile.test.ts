import { expect, test } from "bun:test";
import { explainBlock } from "../../../../src/workspace/blocks/explainBlock.ts";
import { resolveBlock } from "../../../../src/workspace/blocks/resolveBlock.ts";
import { lintWorkspace } from "../../../../src/workspace/lint/lintWorkspace.ts";
import { loadWorkspace, loadWorkspaceLenient } from "../../../../src/workspace/load.ts";
import { describeProblem } from "../../../../src/workspace/poly/problems.ts";
import { revealed } from "../../../../src/yaml/secret.ts";
import { jsonOf } from "../../../../src/yaml/value.ts";
import { makeFolder } from "../../../support/harness.ts";

const workspace = `
name: shop
config: {container: {env: {PLAIN: a, TOKEN: {from_env: TOKEN}}}}
blocks:
  - {name: base, template: true, config: {user: anna, password: none}, actions: [{name: act, script: x}]}
  - {name: web, from: base, config: {port: 80}}
workflows: [{name: release, steps: [{name: one, block: web, action: act}]}]
`;

const secrets = `config:
  container: {env: {TOKEN: s3cret}}
blocks:
  - name: base
    config:
      password: s3cret
workflows: [{name: release, steps: [{name: one, env: {KEY: s3cret}}]}]
`;

function load(files: Readonly<Record<string, string>>, decrypted?: string) {
  using folder = makeFolder(files);
  return loadWorkspaceLenient({ named: folder.path }, { secrets: decrypted });
}

test("secrets are laid over blocks as they are found, and are inherited", () => {
  const loaded = load({ "workspace.poly": workspace, "secrets.poly": secrets });
  const block = resolveBlock(loaded, "web");
  expect(jsonOf(block.value.get("config") ?? null)).toEqual({ port: 80, password: "***", user: "anna" });
  expect(jsonOf(revealed(block.value.get("config") ?? null))).toEqual({
    port: 80,
    password: "s3cret",
    user: "anna",
  });
  const sources = explainBlock(block).map(({ key, file, position }) => `${key} ${file}:${position.line}`);
  expect(sources).toContain("config.password secrets.poly:6");
  expect(sources).toContain("config.user workspace.poly:5");
});

test("a problem is at its place in the file that has the value", () => {
  const loaded = load({
    "workspace.poly": workspace,
    "secrets.poly": "config: {container: {env: {1A: s3cret, POLYCRATE_ACTION: s3cret}}}",
  });
  expect(lintWorkspace(loaded).map(describeProblem)).toEqual([
    "secrets.poly:1:28: `1A` is not a valid variable name\n" +
      "hint: use letters, digits and `_`; it must not start with a digit",
    "secrets.poly:1:40: the variable `POLYCRATE_ACTION` is set by polycrate\nhint: choose another name",
  ]);
});

test("what the workspace does not have is not added, and is a warning", () => {
  const loaded = load({
    "workspace.poly": workspace,
    "secrets.poly": `blocks: [{name: wbe}]
workflows: [{name: none}, {name: release, steps: [{name: two}]}]`,
  });
  expect(loaded.problems.map(describeProblem).map((text) => text.split("\n")[0])).toEqual([
    "secrets.poly:1:17: the workspace has no block `wbe`, so its secrets are not used",
    "secrets.poly:2:20: the workspace has no workflow `none`, so its secrets are not used",
    "secrets.poly:2:58: the workspace has no step `two` in workflow `release`, so its secrets are not used",
  ]);
  expect(loaded.settings.workflows.map(({ name }) => name)).toEqual(["release"]);
});

test("errors of the secrets stop what uses the workspace", () => {
  using folder = makeFolder({ "workspace.poly": workspace, "secrets.poly": "config: s3cret" });
  expect(() => loadWorkspace({ named: folder.path })).toThrow("`config`: expected a mapping, found `***`");
});

test("a workspace with both files is refused", () => {
  const { problems } = load({ "workspace.poly": workspace, "secrets.poly": "", "secrets.poly.age": "" });
  expect(problems.map(({ code }) => code)).toContain("two-secrets");
});

test("what was decrypted is as good as the clear file, and a file that was not is ignored", () => {
  const files = { "workspace.poly": workspace, "secrets.poly.age": "age-encryption.org/v1" };
  const { problems, file, secrets: read } = load(files, secrets);
  expect(problems).toEqual([]);
  expect(read?.file.path).toBe("secrets.poly.age");
  expect(jsonOf(file.value)).toMatchObject({ config: { container: { env: { PLAIN: "a", TOKEN: "***" } } } });
  expect(load(files).secrets).toBeUndefined();
});
