import { expect, test } from "bun:test";
import { argValue } from "../../../src/host/arg.ts";
import { printScript } from "../../../src/plan/dryRun/script.ts";
import { messageOf } from "../../support/fakes.ts";
import { anna, type Facts, planOf, workspaceOf, workspacePath } from "../../support/planning.ts";

const blocks = "blocks: [{name: b, actions: [{name: act, script: [x]}]}]\n";

/** The plan of an action in a workspace with this container. */
function planned(container: string, facts: Facts = {}) {
  const text = `name: test\nconfig: {container: {${container}}}\n${blocks}`;
  const made = planOf(workspaceOf({ "workspace.poly": text }), { block: "b", action: "act", ...facts });
  const own = made.plan.steps.find((step) => step.kind === "caches");
  return { ...made, own, argv: made.run.argv.map(argValue) };
}

const pip = "caches: {pip: ~/.cache/pip, apt: /var/cache/apt/}";

function targetsOf(container: string, facts: Facts = {}) {
  return planned(container, facts).container.volumes.map(({ target }) => target);
}

test("a cache is a volume of this workspace at its path, with the labels that prune finds it by", () => {
  const { argv, container, own } = planned(pip);
  const [first] = container.volumes;
  expect(first?.name).toMatch(/^polycrate-cache-[0-9a-f]{16}-pip$/);
  expect(argv).toContain(
    `--mount=type=volume,source=${first?.name},target=/root/.cache/pip,volume-label=polycrate.workspace=${workspacePath},volume-label=polycrate.cache=pip`,
  );
  expect(container.volumes.map(({ target }) => target)).toEqual(["/root/.cache/pip", "/var/cache/apt"]);
  expect(own).toBeUndefined();
});

test("`~` is the home of the container's user, who owns the cache and the folders above it", () => {
  const { argv, own, container } = planned(`user: host, ${pip}`);
  expect(container.volumes.map(({ target }) => target)).toEqual(["/home/anna/.cache/pip", "/var/cache/apt"]);
  expect(argv.filter((word) => word.startsWith("--tmpfs="))).toEqual(
    ["/home/anna", "/home/anna/.ssh", "/home/anna/.cache"].map(
      (path) => `--tmpfs=${path}:uid=1000,gid=1000,mode=0700,exec`,
    ),
  );
  const names = container.volumes.map(({ name }) => name);
  const command = own?.argv.map(argValue) ?? [];
  expect(command.at(-1)).toBe(
    `chown 1000:1000 ${names.map((one) => `/run/polycrate-caches/${one}`).join(" ")}`,
  );
  expect(command).toContain("--user=0:0");
  expect(command).toContain("--network=none");
  expect(own?.identify.map(argValue).slice(0, 3)).toEqual(["docker", "volume", "inspect"]);
});

test("the volumes differ by workspace, caller and user", () => {
  const nameOf = (container: string, facts: Facts = {}) =>
    planned(container, facts).container.volumes[0]?.name;
  const other = { facts: { caller: { ...anna, uid: 1001 } } };
  const names = [
    nameOf(pip),
    nameOf(pip, other),
    nameOf(`user: host, ${pip}`),
    nameOf(`docker_flags: [--user=node], caches: {pip: /x/y}`),
    nameOf(`docker_flags: [--user=www], caches: {pip: /x/y}`),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(nameOf(pip)).toBe(nameOf(`shell: /bin/sh, ${pip}`));
});

test("a mount of the workspace at the same path, or above it, wins", () => {
  expect(targetsOf(`docker_flags: ["-v /a:/var/cache"], ${pip}`)).toEqual(["/root/.cache/pip"]);
  const extra = { source: "/x", target: "/root/.cache/pip", readonly: true };
  expect(targetsOf(pip, { facts: { extraMounts: [extra] } })).toEqual(["/var/cache/apt"]);
});

test("the snapshot and the printed script show caches", () => {
  const { plan, snapshot } = planned(`user: host, ${pip}`);
  const mounts = snapshot.get("mounts");
  expect(mounts instanceof Map ? [...mounts.values()] : []).toContain("/home/anna/.cache/pip");
  const script = printScript({ title: "", plans: [plan], continueOnFailure: false });
  expect(script).toContain("\n# give new caches to the user\nmkdir -p .polycrate/cache/volumes\n");
  expect(script).toContain(".polycrate/cache .polycrate/cache/users .polycrate/cache/volumes; do\n");
});

test.each([
  ["caches: {../x: ~/x}", "`../x` is not a valid name of a cache"],
  ["caches: {'a,b': ~/x}", "`a,b` is not a valid name of a cache"],
  ["caches: {__proto__: ~/x}", "`__proto__` is not a valid name of a cache"],
  ["caches: {x: ~/a/../../etc}", "the path of a cache has no `..` and no control characters"],
  ['caches: {x: "/a\\nb"}', "the path of a cache has no `..` and no control characters"],
  ["caches: {x: /run/polycrate/x}", "`/run/polycrate/x` in the container is reserved for polycrate"],
  [
    "caches: {x: /workspace/x}",
    "the cache `/workspace/x` and the workspace, `/workspace`, contain each other",
  ],
  ["caches: {x: ~/.ssh/x}", "`~/.ssh` cannot be a cache"],
  ["caches: {x: /root}", "the cache `/root` contains files of ssh"],
  ["caches: {x: ~/a, y: ~/a/b}", "the caches `x` and `y` contain each other"],
  ["docker_flags: [--user=node], caches: {x: ~/a}", "the home of the image's user `node` is not known"],
])("%s is refused with its position", (container, message) => {
  expect(messageOf(() => planned(container))).toMatch(/^65: workspace\.poly:\d+:\d+: /);
  expect(messageOf(() => planned(container))).toContain(message);
});
