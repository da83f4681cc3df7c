import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { jsonSchemaOf } from "../../../../src/workspace/poly/jsonSchema.ts";
import { parsePolyFile } from "../../../../src/workspace/poly/polyFile.ts";
import type { PolyKind } from "../../../../src/workspace/poly/polyKind.ts";

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
const validators = {
  workspace: ajv.compile(jsonSchemaOf("workspace")),
  block: ajv.compile(jsonSchemaOf("block")),
  secrets: ajv.compile(jsonSchemaOf("secrets")),
};

/** What polycrate says of the form of a file, and what the JSON Schema says of it. */
function judge(kind: PolyKind, text: string) {
  const errors = parsePolyFile(kind, "x.poly", text).problems.filter(({ severity }) => severity === "error");
  return { polycrate: errors.length === 0, schema: validators[kind](parse(text)) };
}

test.each<[PolyKind, string]>([
  ["workspace", "name: my-workspace"],
  ["workspace", "name: my-workspace\nversion: 1.10\norganization: 42"],
  [
    "workspace",
    `
name: my-workspace
organization: acme
config:
  container:
    image: cargo.ayedo.cloud/library/polycrate:latest
    dockerfile: Dockerfile.poly
    docker_flags: ["--privileged", "--network=host", "--user $(id -u):$(id -g)"]
    env:
      MY_CUSTOM_VAR: "value"
      PORT: 80
      DEBUG: true
      TOKEN: {from_env: TOKEN}
      CERT: {from_file: ~/cert.pem}
    shell: /bin/bash
    user: host
    docker_socket: false
    stop_timeout: 10
  globals: {}
  anything: {of: mine}
blocks:
  - name: my-app
    from: base-app
    config: {replicas: 3}
    actions: [{name: deploy}]
workflows:
  - name: release
    allow_failure: yes
    steps:
      - {name: build, block: my-app, action: build}
      - {name: deploy, block: cargo.ayedo.cloud/ayedo/k8s/nginx, action: deploy, prompt: {message: "Sure?"}}
`,
  ],
  [
    "workspace",
    "name: my-workspace\nconfig: {image: {reference: a, version: 1.2}}\nmeta: 5\nextraenv: [A=b=c]",
  ],
  ["workspace", "name: my-workspace\nconfig:\nblocks:\nworkflows:\nlabels: {a: b, c: 1, d: true, e: }"],
  ["workspace", "name: my-workspace\nan_older_key: {kept: true}"],
  ["workspace", 'name: my-workspace\nconfig: {container: {user: "1000:1000", shell: }}'],
  ["workspace", "name: my-workspace\nconfig: {container: {user: 1000}}"],
  ["workspace", "name: x"],
  ["workspace", "name: größe"],
  ["workspace", "name: बादल-2"],
  ["workspace", "Name: my-workspace\nextraEnv: [A=1]\nConfig: {Container: {Image: a, x-note: b}}\nx-any: {}"],
  ["workspace", "name: w\nWorkflows: [{Name: r, Steps: [{Name: s, Block: b, ACTION: a, description: d}]}]"],
  ["workspace", "name: my-workspace\nextraenv: A=1,B=2"],
  ["block", "name: ö\nactions: [{name: ü, script: [true, 42]}]"],
  ["block", "name: my-block"],
  ["block", "name: registry.host:5000/a/b.c\nversion: 1.0\ndisplay_name: x\nicon_url: y"],
  [
    "block",
    "name: app\ntemplate: true\nactions:\n  - {name: build, script: make}\n  - {name: run, script: [a, 5]}",
  ],
  ["block", "name: app\nfrom: base:1.2\nactions: [{name: build, timeout: 5m}, {name: test, timeout: 90}]"],
  ["block", "name: app\nactions: [{name: play, playbook: a.yml, script: }]"],
  ["block", "name: app\ninventory: {from: other, filename: hosts.yml}\nkubeconfig: {filename: k.yml}"],
  ["block", "name: app\nalias: a\nactions: [{name: build, script: make, alias: [b, c], interactive: on}]"],
])("polycrate and its JSON Schema accept this %s", (kind, text) => {
  expect(judge(kind, text)).toEqual({ polycrate: true, schema: true });
});

test.each<[PolyKind, string]>([
  ["workspace", "organization: acme"],
  ["workspace", "name: -x"],
  ["workspace", "name: a--b"],
  ["workspace", "name: ab-"],
  ["workspace", 'name: "a\\u202Eb"'],
  ["workspace", 'name: "a\\u3164b"'],
  ["workspace", 'name: "\\u0301a"'],
  ["workspace", "name: my-workspace\nextraenv: A=1,B"],
  ["workspace", "name: my workspace"],
  ["workspace", "name: 2024"],
  ["workspace", "name: my-workspace\nconfig: [a]"],
  ["workspace", "name: my-workspace\nconfig: text"],
  ["workspace", "name: my-workspace\nconfig: {container: 5}"],
  ["workspace", "name: my-workspace\nconfig: {container: {imgae: a}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {stop_timeout: soon}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {stop_timeout: 1.5}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {user: deploy}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {docker_socket: sometimes}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {docker_flags: --privileged}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {env: [A=b]}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {env: {A: [b]}}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {env: {A: {from: b}}}}"],
  ["workspace", "name: my-workspace\nconfig: {container: {env: {A: {from_env: A, from_file: b}}}}"],
  ["workspace", "name: my-workspace\nconfig: {image: {version: 1}}"],
  ["workspace", "name: my-workspace\nextraenv: {A: b}"],
  ["workspace", "name: my-workspace\nextraenv: [A]"],
  ["workspace", "name: my-workspace\nblocks: {app: {}}"],
  ["workspace", "name: my-workspace\nblocks: [{from: app}]"],
  ["workspace", "name: my-workspace\nworkflows: [{name: release, steps: [{name: build, script: make}]}]"],
  ["workspace", "name: my-workspace\nlabels: [a]"],
  ["block", "description: no name"],
  ["block", "name: ../etc"],
  ["block", "name: a//b"],
  ["block", "name: /a"],
  ["block", "name: a/"],
  ["block", "name: 'a\\b'"],
  ["block", 'name: "a\\u001bb"'],
  ["block", "name: app\nactions: {greet: {script: echo}}"],
  ["block", "name: app\nactions: [greet]"],
  ["block", "name: app\nactions: [{script: echo}]"],
  ["block", "name: app\nactions: [{name: greet}]"],
  ["block", "name: app\nactions: [{name: greet, script: a, playbook: b}]"],
  ["block", "name: app\nactions: [{name: greet, script: {run: a}}]"],
  ["block", "name: app\nactions: [{name: greet, script: a, timeout: soon}]"],
  ["block", "name: app\nactions: [{name: greet, script: a, timeout: -1}]"],
  ["block", "name: app\nactions: [{name: greet, script: a, prompt: Sure?}]"],
  ["block", "name: app\nfrom: [base]"],
  ["block", "name: app\ninventory: hosts.yml"],
  ["block", "name: app\ninventory: {from: ../x}"],
  ["block", "name: app\ntemplate: 1"],
])("polycrate and its JSON Schema refuse this %s", (kind, text) => {
  expect(judge(kind, text)).toEqual({ polycrate: false, schema: false });
});

test("the example workspace is valid", () => {
  for (const path of new Bun.Glob("**/{workspace,block}.poly").scanSync(
    join(import.meta.dir, "../../../example"),
  )) {
    const kind = path.endsWith("workspace.poly") ? "workspace" : "block";
    const text = readFileSync(join(import.meta.dir, "../../../example", path), "utf8");
    expect({ path, ...judge(kind, text) }).toEqual({ path, polycrate: true, schema: true });
  }
});

test("keys have descriptions and defaults", () => {
  const properties = (schema: unknown, ...keys: readonly string[]): unknown => {
    const [key, ...rest] = keys;
    const inner = pick(pick(schema, "anyOf", 0) ?? schema, "properties", key ?? "");
    return rest.length === 0 ? inner : properties(inner, ...rest);
  };
  expect(properties(jsonSchemaOf("workspace"), "config", "blocksroot")).toEqual({
    type: ["string", "number", "null"],
    default: "blocks",
    description: "The folder of installed blocks.",
  });
  expect(properties(jsonSchemaOf("workspace"), "config", "container", "stop_timeout")).toMatchObject({
    default: 10,
    description: "Seconds between the signal that stops an action and SIGKILL.",
  });
});

function pick(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? Object.entries(inner).find(([name]) => name === String(key))?.[1]
        : undefined,
    value,
  );
}
