import { busybox } from "./harness.ts";

type Files = Readonly<Record<string, string>>;

/** The action `greet` of these workspaces, as a key of a block. */
export const hello = "actions: [{name: greet, script: [echo hello]}]";

/** The image of these workspaces, in the older spelling. */
export const image = `config: {image: "${busybox}"}\n`;

const metadata = `name: ayedo/k8s/demo
display_name: Demo
version: 0.0.1
description: |
  # Demo

  What it is *for*: everything.
kind: k8sapp
type: db
flavor: helm
labels: {tier: data, managed: true, count: 3}
alias: [demo]
author: {name: Max, email: max@example.com}
maintainers: [{name: Max}]
icon_url: https://example.com/icon.svg
homepage: https://example.com
documentation: {url: https://example.com/docs}
keywords: [a, b]
license: Apache-2.0
schema: schema.json
chart: {name: demo, repo: {url: https://example.com/charts}, version: 1.2.3}
config:
  app: {image: "nginx:1.25", nested: {deeper: [{deepest: true}]}}
actions:
  - name: greet
    description: Says hello
    script: [echo hello]
`;

/** Workspaces of the Go program: what is in them, the files and the block to run. Each loads without an error or warning, and `greet` of the block, `app` if there is none, says hello. */
export const olderWorkspaces: readonly (readonly [string, Files, string?])[] = [
  ["no organization", { "workspace.poly": `name: old\n${image}blocks: [{name: app, ${hello}}]\n` }],
  [
    "an organization, description, labels, alias, identifier, version and meta",
    {
      "workspace.poly": `name: old\norganization: acme\ndescription: d\nlabels: {a: b}\nalias: [o]\nidentifier: x-1\nversion: 1.0\nmeta: {any: [thing]}\n${image}blocks: [{name: app, ${hello}}]\n`,
    },
  ],
  [
    "dependencies, events, sync, registry and empty workflows",
    {
      "workspace.poly": `name: old
${image}dependencies:
  - ayedo/hcloud/inventory:0.0.1
  - cargo.ayedo.cloud/ayedo/k8s/harbor:0.0.1
events: {handler: webhook, endpoint: https://example.com}
sync: {enabled: true, auto: true, remote: {url: "ssh://git@example.com:10022/a.git"}}
registry: {url: https://cargo.ayedo.cloud, base_image: x}
workflows: []
extraenv: []
extramounts: []
blocks: [{name: app, ${hello}}]
`,
    },
  ],
  [
    "keys with nothing behind them",
    {
      "workspace.poly": `name: old\nconfig: {image: "${busybox}", globals: , container: }\nworkflows:\nlabels:\nextraenv:\nextramounts:\ndependencies:\nblocks:\n  - {name: app, from: , config: , labels: , inventory: , ${hello}}\n`,
    },
  ],
  [
    "the same block in the workspace and in `blocks/`",
    {
      "workspace.poly": `name: old\n${image}blocks: [{name: app, config: {fooBar: false}}]\n`,
      "blocks/app/block.poly": `name: app\nversion: 0.6.2\nconfig: {fooBar: true}\n${hello}\n`,
    },
  ],
  [
    "the same block, inheriting from itself",
    {
      "workspace.poly": `name: old\n${image}blocks: [{name: app, from: app, config: {fooBar: false}}]\n`,
      "blocks/app/block.poly": `name: app\nversion: 0.6.2\nconfig: {fooBar: true}\n${hello}\n`,
    },
  ],
  [
    "slash names in nested folders",
    {
      "workspace.poly": `name: old\n${image}blocks: [{name: app, from: ayedo/k8s/harbor, config: {a: 1}}]\n`,
      "blocks/ayedo/k8s/harbor/block.poly": `name: ayedo/k8s/harbor\nversion: 0.0.1\n${hello}\n`,
    },
  ],
  [
    "a registry's host in names and versions",
    {
      "workspace.poly": `name: old\n${image}blocks: [{name: app, from: "cargo.ayedo.cloud/ayedo/k8s/harbor:0.0.1"}]\n`,
      "blocks/cargo.ayedo.cloud/ayedo/k8s/harbor/block.poly": `name: cargo.ayedo.cloud/ayedo/k8s/harbor\nversion: 0.0.1\n${hello}\n`,
    },
  ],
  [
    "a registry's host in the name that is run",
    {
      "workspace.poly": `name: old\n${image}`,
      "blocks/x/block.poly": `name: cargo.ayedo.cloud/ayedo/k8s/nginx\n${hello}\n`,
    },
    "cargo.ayedo.cloud/ayedo/k8s/nginx",
  ],
  ["long metadata", { "workspace.poly": `name: old\n${image}`, "blocks/demo/block.poly": metadata }, "demo"],
  [
    "every setting of the older program",
    {
      "workspace.poly": `name: old
config:
  image: {reference: polycrate-test, version: busybox}
  blocksroot: my-blocks
  blocksconfig: my-block.poly
  workspaceconfig: workspace.poly
  workflowsroot: workflows
  artifactsroot: artifacts
  logsroot: .logs
  containerroot: /workspace
  remoteroot: /polycrate
  sshprivatekey: id_rsa
  sshpublickey: id_rsa.pub
  globals: {domain: example.com}
  anything: {else: [is, free]}
inventory: {filename: inventory.yml}
kubeconfig: {filename: kubeconfig.yml}
`,
      "my-blocks/app/my-block.poly": `name: app\n${hello}\n`,
    },
  ],
  [
    "braces and variables in values and scripts",
    {
      "workspace.poly": `name: old
${image}blocks:
  - name: app
    config:
      url: "https://{{ block.config.host }}/\${PATH}"
      template: '{% if x %}{{ .Values.x }}{% endif %}'
      plain: a {{ b }} c
    actions: [{name: greet, script: ["echo hello # {{ .Action.Name }}"]}]
`,
    },
  ],
  [
    "flow style, anchors, merge keys, comments, tags, a document's start and end",
    {
      "workspace.poly": `%YAML 1.2
---
# The workspace
{name: old, config: {image: "${busybox}"}, blocks: [
  {name: app, labels: &labels {team: a}, config: {<<: *labels, more: !!str 1},
   actions: [&greet {name: greet, script: [echo hello]}]}, # the app
]}
...
`,
    },
  ],
  [
    "a byte order mark and Windows line ends",
    {
      "workspace.poly": `\uFEFFname: old\r\nconfig: {image: "${busybox}"}\r\n`,
      "blocks/app/block.poly":
        "\uFEFFname: app\r\nactions:\r\n  - name: greet\r\n    script:\r\n      - |\r\n        echo hello\r\n",
    },
  ],
  [
    "a script of one string, and one of many lines",
    {
      "workspace.poly": `name: old\n${image}blocks:\n  - name: app\n    actions:\n      - name: greet\n        script: |\n          if true; then\n            echo hello\n          fi\n`,
    },
  ],
  [
    "blocks of a name only, for the inventory in their artifacts",
    {
      "workspace.poly": `name: old\n${image}blocks:\n  - {name: inventory-block}\n  - {name: app, inventory: {from: inventory-block, filename: inventory.yml}, actions: [{name: greet, script: ['echo hello', 'test "$ANSIBLE_INVENTORY" = /workspace/artifacts/blocks/inventory-block/inventory.yml']}]}\n`,
      "artifacts/blocks/inventory-block/inventory.yml": "all: {}\n",
    },
  ],
  [
    "workflows with labels, aliases and steps",
    {
      "workspace.poly": `name: old\n${image}blocks: [{name: app, ${hello}}]\nworkflows:\n  - {name: wf, description: d, labels: {a: b}, alias: [w], steps: [{name: first, block: app, action: greet}]}\n`,
    },
  ],
];
