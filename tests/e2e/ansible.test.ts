import { expect, test } from "bun:test";
import { makeFolder } from "../support/harness.ts";

const files = {
  "workspace.poly": `name: test-workspace
config: {container: {image: "polycrate-test:debian"}}
blocks:
  - name: app
    from: base
    config:
      nested: {CamelCase: {innerKey: "yes"}, Port: 0644}
      enabled: false
  - {name: other, from: base, inventory: {from: app}, config: {fail: true}}
  - {name: lost, from: base, inventory: {from: base}}
`,
  "blocks/base/block.poly": `name: base
config:
  fromParent: "1:30"
  nested: {CamelCase: {kept: [a, 0o17]}}
  enabled: true
  count: 3
actions:
  - {name: deploy, playbook: deploy.yml}
`,
  "blocks/base/deploy.yml": `- hosts: all
  gather_facts: false
  tasks:
    - name: Say what is seen
      ansible.builtin.debug:
        msg: "{{ inventory_hostname }} of {{ block.name }}, check {{ ansible_check_mode }}"
    - name: Write what is seen
      ansible.builtin.copy:
        dest: "{{ block.artifacts.path }}/seen-{{ inventory_hostname }}.json"
        content: "{{ [block.config, action.name, action.block, workspace.name, playbook_dir] | to_json }}"
    - name: Fail when told to
      ansible.builtin.fail:
        msg: told to
      when: block.config.fail | default(false)
`,
  "artifacts/blocks/app/inventory.yml": `all:
  hosts:
    web: {ansible_connection: local}
    db: {ansible_connection: local}
`,
};

test("a playbook reads its block, parents and all, from the inventory of the block's artifacts, and writes artifacts", async () => {
  using folder = makeFolder(files);
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "deploy"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("web of app, check False");
  const seen = JSON.parse(folder.read("artifacts/blocks/app/seen-web.json"));
  expect(seen).toEqual([
    {
      nested: { CamelCase: { innerKey: "yes", kept: ["a", 15] }, Port: 420 },
      enabled: false,
      fromParent: "1:30",
      count: 3,
    },
    "deploy",
    "app",
    "test-workspace",
    "/workspace/blocks/base",
  ]);
  expect(JSON.stringify(seen[0].nested.CamelCase)).toBe('{"innerKey":"yes","kept":["a",15]}');
  expect(folder.glob("artifacts/**/seen-*")).toEqual([
    "artifacts/blocks/app/seen-db.json",
    "artifacts/blocks/app/seen-web.json",
  ]);
  expect(stderr).toContain("artifacts/blocks/app/seen-web.json");
  expect(stderr).toContain("app deploy succeeded");
}, 30_000);

test("a playbook that fails ends polycrate with its exit code; `inventory.from` lends the inventory alone", async () => {
  using folder = makeFolder(files);
  const { stdout, stderr, exitCode } = await folder.run(["run", "other", "deploy"]);
  expect(exitCode).toBe(2);
  expect(stdout).toContain("db of other, check False");
  expect(stdout).toContain("told to");
  expect(stderr).toContain("error: other deploy failed with exit code 2");
  expect(folder.glob("artifacts/blocks/other/*")).toHaveLength(2);
  expect(folder.records()).toMatchObject([{ block: "other", status: "failed", exit_code: 2 }]);
}, 30_000);

test("the roots of the snapshot are variables without a warning, and win; other reserved names are warned of", async () => {
  using folder = makeFolder({
    ...files,
    "blocks/base/deploy.yml": `- import_playbook: "{{ action.name }}-more.yml"
- hosts: "{{ 'all' if block.name == 'app' else 'none' }}"
  gather_facts: false
  vars: {block: of the play, tags: mine}
  tasks:
    - ansible.builtin.debug: {msg: "{{ block.name }} {{ action.name }} {{ theirs }}"}
`,
    "blocks/base/deploy-more.yml": "- hosts: all\n  gather_facts: false\n  tasks: []\n",
    "plugins/theirs.py":
      "from ansible.plugins.vars import BaseVarsPlugin\nclass VarsModule(BaseVarsPlugin):\n  def get_vars(self, loader, path, entities): return {'theirs': 'still'}\n",
  });
  const { stdout, stderr, exitCode } = await folder.run([
    "run",
    "app",
    "deploy",
    "--env=ANSIBLE_VARS_PLUGINS=/workspace/plugins",
  ]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("app deploy still");
  expect(stderr.match(/reserved name: \w+/g)).toEqual(["reserved name: tags"]);
}, 30_000);

const zero = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

/** A playbook that fails on `db`, and an inventory with a host that nothing answers for. */
const failing = {
  ...files,
  "blocks/base/deploy.yml": `- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.ping:
    - ansible.builtin.command: "true"
    - ansible.builtin.command: "false"
      when: inventory_hostname == "db"
`,
  "artifacts/blocks/app/inventory.yml": `all:
  hosts:
    web: {ansible_connection: local}
    db: {ansible_connection: local}
    gone: {ansible_host: 127.0.0.1, ansible_port: 1}
`,
};

test("what a playbook did on each host is recorded, beside the user's own callbacks", async () => {
  const plugin = (name: string) => `from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
  CALLBACK_VERSION = 2.0
  CALLBACK_TYPE = "aggregate"
  CALLBACK_NAME = "${name}"
  CALLBACK_NEEDS_ENABLED = True
  def v2_playbook_on_stats(self, stats): print("${name} was called")
`;
  using folder = makeFolder({
    ...failing,
    "blocks/base/ansible.cfg": "[defaults]\ncallback_plugins = mine\ncallbacks_enabled = theirs\n",
    "blocks/base/mine/theirs.py": plugin("theirs"),
    "blocks/base/mine/unused.py": plugin("unused"),
    "blocks/base/callback_plugins/beside.py": plugin("beside").replace(/.*NEEDS_ENABLED.*\n/, ""),
  });
  const { stdout, stderr, exitCode } = await folder.run(["run", "app", "deploy"]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
  expect(stdout.match(/\w+ was called/g)?.sort()).toEqual(["beside was called", "theirs was called"]);
  expect(stderr).not.toMatch(/callback|recap/i);
  expect(folder.records()).toMatchObject([
    {
      exit_code: 4,
      hosts: [
        { host: "db", ...zero, ok: 2, changed: 1, failed: 1 },
        { host: "gone", ...zero, unreachable: 1 },
        { host: "web", ...zero, ok: 2, changed: 1, skipped: 1 },
      ],
    },
  ]);
}, 30_000);

test("a playbook that an ordinary user of the container runs has its hosts recorded", async () => {
  using folder = makeFolder({
    ...files,
    "workspace.poly": files["workspace.poly"].replace('debian"}', 'debian", user: "1234:1234"}'),
  });
  await folder.run(["run", "app", "deploy", "--", "--check"]);
  expect(folder.records()).toMatchObject([{ hosts: [{ host: "db" }, { host: "web" }] }]);
}, 30_000);

test("arguments after `--` go to ansible-playbook", async () => {
  using folder = makeFolder(files);
  const { stdout, exitCode } = await folder.run(["run", "app", "deploy", "--", "--check", "--limit", "web"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("web of app, check True");
  expect(stdout).not.toContain("db of app");
  expect(folder.glob("artifacts/**/seen-*")).toEqual([]);
}, 30_000);

test("an inventory that is not there stops the run before it starts", async () => {
  using folder = makeFolder(files);
  expect(await folder.run(["run", "lost", "deploy"])).toEqual({
    stdout: "",
    stderr:
      "error: block `lost` takes its inventory from `base`, but `artifacts/blocks/base/inventory.yml` does not exist\nhint: run the action of `base` that writes it\n",
    exitCode: 65,
  });
  expect(folder.records()).toEqual([]);
});

/** As the image of the Go program has it: it gives every play the snapshot, at the stage that it is told. */
const olderPlugin = `
import os
from ansible.plugins.vars import BaseVarsPlugin
DOCUMENTATION = """
    name: polycrate_vars
    short_description: the snapshot
    options:
      stage: {env: [{name: ANSIBLE_VARS_PLUGIN_STAGE}]}
    extends_documentation_fragment: [vars_plugin_staging]
"""
class VarsModule(BaseVarsPlugin):
    REQUIRES_ENABLED = False
    def get_vars(self, loader, path, entities, cache=True):
        super().get_vars(loader, path, entities)
        return loader.load_from_file(os.environ["POLYCRATE_WORKSPACE_SNAPSHOT_YAML"], unsafe=True)
`;

test("a script that calls `ansible-playbook` has the snapshot by the older image's plugin, and `group_vars` by the playbook's side", async () => {
  using folder = makeFolder({
    "workspace.poly": `name: test-workspace
config: {container: {image: "polycrate-test:debian"}}
blocks: [{name: app, config: {port: 80}, actions: [{name: play, script: ['ansible-playbook play/p.yml -i web, -c local']}]}]
`,
    "plugins/polycrate_vars.py": olderPlugin,
    "play/group_vars/all.yml": "beside: the playbook\n",
    "play/p.yml": `- hosts: all
  gather_facts: false
  tasks: [{ansible.builtin.debug: {msg: "{{ block.config.port | default('no snapshot') }} {{ beside }}"}}]
`,
  });
  const words = ["run", "app", "play"];
  const older = await folder.run([...words, "--mount=plugins:/root/.ansible/plugins/vars:ro"]);
  expect(older.stdout).toContain("msg: 80 the playbook");
  const plain = await folder.run(words);
  expect(plain.stdout).toContain("msg: no snapshot the playbook");
  expect(plain.stderr).not.toContain("polycrate_vars");
}, 60_000);
