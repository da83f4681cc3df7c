import { expect, test } from "bun:test";
import fc from "fast-check";
import { lintDockerFlags } from "../../../src/engine/flags/checkFlags.ts";
import { type LimitSettings, limitsOf, widenedLimits } from "../../../src/workspace/limits.ts";
import { loadWorkspaceLenient } from "../../../src/workspace/load.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";
import { planOf, workspaceOf } from "../../support/planning.ts";

function textOf(container: string, action: string): string {
  return [
    "name: test",
    `config: {container: {image: busybox, ${container}}}`,
    "blocks:",
    "  - name: b",
    "    actions:",
    `      - {name: act, script: [x], ${action}}`,
    "",
  ].join("\n");
}

/** The problems of the files, each with its place. */
function problemsOf(container: string, action = ""): readonly string[] {
  using folder = makeFolder({ "workspace.poly": textOf(container, action) });
  const workspace = loadWorkspaceLenient({ named: folder.path });
  return [...workspace.problems, ...lintDockerFlags(workspace)].map(
    ({ code, position, message }) => `${position?.line}:${position?.column} ${code}: ${message}`,
  );
}

test.each([
  [
    "network: default",
    "`config.container.network`: expected `none`, `bridge`, `host` or the name of a network",
  ],
  ['network: "container:x"', "`config.container.network`: expected `none`, `bridge`, `host` or the name of"],
  ["workspace: readonly", "`config.container.workspace`: expected `read-write` or `read-only`, found"],
  [
    "workspace: read-only, writable: [../x]",
    "item 1 of `config.container.writable`: expected a folder of the",
  ],
  [
    "workspace: read-only, writable: [/etc]",
    "item 1 of `config.container.writable`: expected a folder of the",
  ],
  ["workspace: read-only, writable: [.]", "item 1 of `config.container.writable`: expected a folder of the"],
  ["memory: 5m", "`config.container.memory`: expected a size of 6m or more, like `512m` or `2g`, found `5m`"],
  ["memory: lots", "`config.container.memory`: expected a size of 6m or more"],
  [
    "cpus: 0",
    "`config.container.cpus`: expected a number of processors of 0.01 or more, like `1.5`, found `0`",
  ],
  ["cpus: -1", "`config.container.cpus`: expected a number of processors"],
  ["pids: 1", "`config.container.pids`: expected a whole number of processes of 8 or more, found `1`"],
  ["pids: 10.5", "`config.container.pids`: expected a whole number of processes"],
  ["capabilities: all", "`config.container.capabilities`: expected `none` or a list of capabilities"],
  ["capabilities: [ALL]", "item 1 of `config.container.capabilities`: expected the name of a capability"],
])("%s is a wrong value", (container, message) => {
  const [first, ...more] = problemsOf(container);
  expect(first).toStartWith("2:");
  expect(first).toContain(` wrong-value: ${message}`);
  expect(more).toEqual([]);
});

test.each([
  [
    "",
    "network: host",
    "6:43",
    "`network` of an action can only be less than that of the workspace, which is `bridge`",
  ],
  [
    "",
    "network: mine",
    "6:43",
    "`network` of an action can only be less than that of the workspace, which is `bridge`",
  ],
  ["network: mine", "network: bridge", "6:43", "`network` of an action can only be less than"],
  ["network: none", "network: bridge", "6:43", "`network` of an action can only be less than"],
  ["workspace: read-only", "workspace: read-write", "6:45", "`workspace` of an action can only be less than"],
  [
    "workspace: read-only",
    "writable: [x]",
    "6:44",
    "`writable` of an action can only be less than that of the workspace, which is nothing",
  ],
  [
    "workspace: read-only, writable: [a]",
    "writable: [ab]",
    "6:44",
    "`writable` of an action can only be less than",
  ],
  [
    "memory: 1g",
    "memory: 1025m",
    "6:42",
    "`memory` of an action can only be less than that of the workspace, which is `1g`",
  ],
  [
    "cpus: 1.5",
    "cpus: 2",
    "6:40",
    "`cpus` of an action can only be less than that of the workspace, which is `1.5`",
  ],
  [
    "pids: 100",
    "pids: 101",
    "6:40",
    "`pids` of an action can only be less than that of the workspace, which is `100`",
  ],
  ["", "capabilities: [NET_ADMIN]", "6:48", "`capabilities` of an action can only be less than"],
  [
    "capabilities: none",
    "capabilities: [CHOWN]",
    "6:48",
    "`capabilities` of an action can only be less than that of the workspace, which is nothing",
  ],
  ["", "writable: [x]", "6:44", "`writable` has no effect on a workspace that can be written"],
  ["workspace: read-only, writable: [.logs/x]", "", "2:70", "`.logs/x` is reserved for polycrate"],
  ["workspace: read-only, writable: [.polycrate]", "", "2:70", "`.polycrate` is reserved for polycrate"],
  [
    "network: none, docker_flags: [--net=host]",
    "",
    "2:47",
    "`network` conflicts with `docker_flags`, which set `--net`",
  ],
  [
    "docker_flags: [-m1g]",
    "memory: 64m",
    "6:42",
    "`memory` conflicts with `docker_flags`, which set `--memory`",
  ],
  [
    "docker_flags: [--privileged]",
    "capabilities: none",
    "6:48",
    "`capabilities` conflicts with `docker_flags`, which set `--privileged`",
  ],
  [
    "docker_flags: [--privileged]",
    "workspace: read-only",
    "6:45",
    "`workspace` conflicts with `docker_flags`, which set `--privileged`",
  ],
  [
    "docker_flags: [--cpu-quota=1]",
    "cpus: 1",
    "6:40",
    "`cpus` conflicts with `docker_flags`, which set `--cpu-quota`",
  ],
  [
    "docker_flags: [--pids-limit 7]",
    "pids: 64",
    "6:40",
    "`pids` conflicts with `docker_flags`, which set `--pids-limit`",
  ],
])("with {%s} in the workspace, {%s} in an action is wrong at %s", (container, action, place, message) => {
  const problems = problemsOf(container, action).filter((problem) => problem.includes(" wrong-limit: "));
  expect(problems.length).toBe(1);
  expect(problems[0]).toStartWith(`${place} wrong-limit: `);
  expect(problems[0]).toContain(message);
  const workspace = workspaceOf({ "workspace.poly": textOf(container, action) });
  expect(messageOf(() => planOf(workspace, { block: "b", action: "act" }))).toContain(message);
});

test.each([
  ["network: host", "network: bridge"],
  ["network: host", "network: none"],
  ["network: mine", "network: mine"],
  ["", "network: none"],
  ["", "workspace: read-only, writable: [anything]"],
  ["workspace: read-only, writable: [a]", "writable: [a/b, ./a/]"],
  ["memory: 1g", "memory: 1024M"],
  ["", "memory: 100g, cpus: 64, pids: 4194304"],
  ["", "capabilities: [CHOWN, CAP_SETUID]"],
  ["capabilities: [NET_ADMIN]", "capabilities: [NET_ADMIN]"],
])("with {%s} in the workspace, {%s} in an action is less", (container, action) => {
  expect(problemsOf(container, action)).toEqual([]);
});

test("a limit of an action with a typing error is an error, other unknown keys are warnings", () => {
  using folder = makeFolder({ "workspace.poly": textOf("", "netwrok: none, other: 1") });
  const { problems } = loadWorkspaceLenient({ named: folder.path });
  expect(problems.map(({ severity, message, hint }) => [severity, message, hint?.slice(0, 23)])).toEqual([
    ["error", "unknown key `blocks[0].actions[0].netwrok`", "did you mean `network`?"],
    ["warning", "unknown key `blocks[0].actions[0].other`", "known keys: name, descr"],
  ]);
});

const settings = fc.record<LimitSettings>(
  {
    network: fc.constantFrom("none", "bridge", "host", "mine"),
    workspace: fc.constantFrom("read-write" as const, "read-only" as const),
    writable: fc.subarray(["a", "a/b", "c"]),
    memory: fc.constantFrom(10, 20).map((mega) => ({ written: `${mega}m`, bytes: mega * 1024 ** 2 })),
    cpus: fc.constantFrom(0.5, 1, 2),
    pids: fc.constantFrom(8, 16),
    capabilities: fc.subarray(["CHOWN", "NET_ADMIN", "KILL"]),
  },
  { requiredKeys: [] },
);

test("law: an action that is accepted has a container that can do no more than the workspace's", () => {
  fc.assert(
    fc.property(settings, settings, (workspace, action) => {
      if (widenedLimits(action, workspace).length > 0) return;
      const [above, own] = [limitsOf(workspace), limitsOf(workspace, action)];
      expect(above.isReadOnly && !own.isReadOnly).toBe(false);
      if (above.isReadOnly) {
        for (const folder of own.writable) {
          expect(above.writable.some((one) => `${folder}/`.startsWith(`${one}/`))).toBe(true);
        }
      }
      expect(own.cpus ?? 99).toBeLessThanOrEqual(above.cpus ?? 99);
      expect(own.pids ?? 99).toBeLessThanOrEqual(above.pids ?? 99);
      const order = ["none", "bridge", "host"];
      if (own.network !== above.network && own.network !== "none") {
        expect(order.indexOf(own.network ?? "bridge")).toBeLessThan(
          order.indexOf(above.network ?? "bridge") + 1,
        );
      }
    }),
  );
});

test("a read-only workspace is mounted so, with its writable folders, and mount points are made first", () => {
  const text = textOf(
    'workspace: read-only, writable: ["my data", artifacts], docker_flags: ["-v vol:/workspace/v/w"]',
    "",
  );
  const file = "/srv/hosts";
  const { plan, run, container } = planOf(workspaceOf({ "workspace.poly": text }), {
    block: "b",
    action: "act",
    facts: {
      files: {
        privateKey: undefined,
        publicKey: undefined,
        knownHosts: "/work/example/known_hosts",
        agent: undefined,
      },
      extraMounts: [
        { source: file, target: "/workspace/etc/hosts", readonly: true },
        { source: "/srv", target: "/srv", readonly: true },
      ],
      mountedFiles: new Set([file]),
    },
  });
  const mounts = run.argv.filter((word) => typeof word === "string" && word.startsWith("--mount=type=bind"));
  expect(mounts).toContain("--mount=type=bind,source=/work/example,target=/workspace,readonly");
  expect(mounts).toContain("--mount=type=bind,source=/work/example/my data,target=/workspace/my data");
  expect(mounts).toContain("--mount=type=bind,source=/work/example/artifacts,target=/workspace/artifacts");
  expect(mounts).toContain(
    "--mount=type=bind,source=/work/example/known_hosts,target=/workspace/known_hosts",
  );
  expect(plan.folders).toEqual([".logs", "artifacts/blocks/b", "my data", "artifacts", "v/w"]);
  expect(plan.files.filter(({ lifetime }) => lifetime === "stays").map(({ path }) => path)).toEqual([
    ".polycrate/.gitignore",
    ".snapshot.yml",
    "etc/hosts",
    "known_hosts",
  ]);
  expect(container.writable).toEqual({
    root: "/workspace",
    targets: ["/workspace/my data", "/workspace/artifacts", "/workspace/known_hosts"],
  });
});
