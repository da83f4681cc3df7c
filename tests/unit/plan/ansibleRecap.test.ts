import { expect, test } from "bun:test";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { recapSettings } from "../../../src/plan/ansibleRecap.ts";
import { call, type Folder, makeFolder } from "../../support/harness.ts";

/** Where Ansible looks for callback plugins after the settings were read in the folder `here`. */
async function pathsIn(folder: Folder, env: Readonly<Record<string, string>> = {}, shell = ["sh"]) {
  folder.write("settings.sh", recapSettings.content);
  mkdirSync(join(folder.path, "here"), { recursive: true });
  const script =
    'set -eu; . ../settings.sh; printf %s "$ANSIBLE_CALLBACK_PLUGINS"; set -o | grep -c "^\\(errexit\\|nounset\\|noglob\\)[[:space:]]*on" >&2';
  const { stdout, stderr, exitCode } = await call([...shell, "-c", script], {
    directory: join(folder.path, "here"),
    env: {
      HOME: join(folder.path, "home"),
      ANSIBLE_CONFIG: undefined,
      ANSIBLE_CALLBACK_PLUGINS: undefined,
      ...env,
    },
  });
  expect({ stderr, exitCode }).toEqual({ stderr: "2\n", exitCode: 0 });
  const [ours, ...paths] = stdout.replaceAll(folder.path, "").replace(/:$/, "").split(":");
  expect(ours).toBe("/run/polycrate/ansible-callbacks");
  return paths;
}

const usual = ["~/.ansible/plugins/callback", "/usr/share/ansible/plugins/callback"];
const config = (lines: string) =>
  `[other]\ncallback_plugins = wrong\n[defaults]\n${lines}\n[more]\ncallback_plugins = wrong\n`;

test.each([
  ["no file", {}, {}, usual],
  [
    "ANSIBLE_HOME",
    {},
    { ANSIBLE_HOME: "/ours" },
    ["/ours/plugins/callback", "/usr/share/ansible/plugins/callback"],
  ],
  [
    "a variable",
    { "here/ansible.cfg": config("callback_plugins = x") },
    { ANSIBLE_CALLBACK_PLUGINS: "/a:b" },
    ["/a", "b"],
  ],
  [
    "a file that says nothing of it",
    { "here/ansible.cfg": config("a = b"), "home/.ansible.cfg": config("callback_plugins = x") },
    {},
    usual,
  ],
  [
    "a file",
    { "here/ansible.cfg": config("callback_plugins = plugins:/abs:~/x:{{CWD}}/y:$HOME/* ; note") },
    {},
    ["/here/plugins", "/abs", "~/x", "{{CWD}}/y", "$HOME/*"],
  ],
  [
    "a file at home",
    { "home/.ansible.cfg": config("callback_plugins: my plugins") },
    {},
    ["/home/my plugins"],
  ],
  [
    "a file that is named",
    { "here/ansible.cfg": config("callback_plugins=x"), "etc/my.cfg": config("callback_plugins=y") },
    { ANSIBLE_CONFIG: "../etc/my.cfg" },
    ["/etc/y"],
  ],
  [
    "a folder that is named",
    { "etc/ansible.cfg": config("callback_plugins=y") },
    { ANSIBLE_CONFIG: "../etc" },
    ["/etc/y"],
  ],
  [
    "a name that leads nowhere",
    { "here/ansible.cfg": config("callback_plugins=x") },
    { ANSIBLE_CONFIG: "/nowhere" },
    ["/here/x"],
  ],
])("with %s, the plugins of the configuration stay", async (_, files, env, expected) => {
  using folder = makeFolder(files);
  expect(await pathsIn(folder, env)).toEqual(expected);
  expect(await pathsIn(folder, env, ["bash"])).toEqual(expected);
  expect(await pathsIn(folder, env, ["busybox", "sh"])).toEqual(expected);
});

test("a file in a folder that all may write does not count, as for Ansible", async () => {
  using folder = makeFolder({ "here/ansible.cfg": config("callback_plugins=x") });
  chmodSync(join(folder.path, "here"), 0o777);
  expect(await pathsIn(folder)).toEqual(usual);
});
