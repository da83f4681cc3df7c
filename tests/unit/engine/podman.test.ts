import { expect, test } from "bun:test";
import { chooseEngine, programOf } from "../../../src/engine/chooseEngine.ts";
import { podmanClient } from "../../../src/engine/podman.ts";
import { type Arg, argValue } from "../../../src/host/arg.ts";
import { limitsOf } from "../../../src/workspace/limits.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

const nothing = {
  ...{ name: "polycrate-x", labels: [], ownerLabel: "o=1", environment: [], mounts: [], volumes: [] },
  ...{ workdir: "/workspace", entrypoint: "/bin/bash", selinux: false, interactive: false, terminal: false },
  ...{
    pull: undefined,
    user: "7:8",
    groups: [],
    flags: [],
    image: "busybox",
    command: [],
    limits: limitsOf({}),
  },
};

const text = (words: readonly Arg[]) => words.map(argValue).join(" ");

test("podman names its own mount options: what is in memory is given to the user of the container", () => {
  const words = podmanClient
    .run({
      ...nothing,
      hiddenFolders: ["/workspace/.polycrate"],
      tmpfs: [{ path: "/home/anna", uid: 7, gid: 8 }],
    })
    .map(argValue);
  expect(words.slice(0, 5)).toEqual(["podman", "run", "--rm", "--init", "--log-driver=none"]);
  expect(words).toContain("--mount=type=tmpfs,target=/workspace/.polycrate,ro,notmpcopyup");
  expect(words).toContain("--tmpfs=/home/anna:mode=0700,exec,U,notmpcopyup");
});

test("a container is killed at once where docker would kill it", () => {
  expect(text(podmanClient.removeContainer("a"))).toBe("podman rm --force --time=0 a");
  expect(text(podmanClient.stopContainer("a", 3))).toBe("podman stop --time=3 a");
});

test("no command has a template that podman does not know", () => {
  expect(text(podmanClient.listContainers("x"))).toBe("podman ps --all --quiet --no-trunc --filter=label=x");
  expect(text(podmanClient.inspectContainer("a"))).toBe("podman container inspect a");
  expect(podmanClient.about.server).toBeUndefined();
  expect(text(podmanClient.about.info)).toBe("podman info --format=json");
});

test("podman is an engine of this machine, whose root is the caller", () => {
  const engine = (uid: number) => chooseEngine({ environment: {}, home: "" }, uid, { program: "podman" });
  expect(engine(1000)).toMatchObject({
    ...{ program: "podman", kind: "local", mapsRootToCaller: true },
    endpoint: { context: undefined, name: "podman", address: "podman" },
  });
  expect(engine(0).mapsRootToCaller).toBe(false);
});

test("docker's client is used unless something else is said, or only podman is there", () => {
  using folder = makeFolder({ "podman/podman": "", "both/podman": "", "both/docker": "" });
  for (const file of folder.glob("*/*")) Bun.spawnSync(["chmod", "755", `${folder.path}/${file}`]);
  const of = (PATH: string, POLYCRATE_ENGINE?: string) =>
    programOf({ PATH: `${folder.path}/${PATH}`, POLYCRATE_ENGINE });
  expect([of("podman"), of("both"), of("none")]).toEqual(["podman", "docker", "docker"]);
  expect([of("podman", "docker"), of("both", "podman"), of("both", "")]).toEqual([
    "docker",
    "podman",
    "docker",
  ]);
  expect(messageOf(() => of("both", "Podman"))).toBe(
    "64: POLYCRATE_ENGINE: expected docker or podman, not `Podman`",
  );
});
