import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Subject, sampleOf } from "./measure.ts";
import type { Row } from "./report.ts";
import { type Bench, rowOf, type Samples, type SectionPlan, time } from "./section.ts";
import { warmSubject } from "./warm.ts";
import { image, makeWorkspace, plainWorkspace } from "./workspaces.ts";

/** Measures other programs that run a command in a container, under bun, against the same docker command without them. */
export async function planPeers(bench: Bench): Promise<SectionPlan> {
  const folder = join(bench.scratch, "peers");
  const tag = `polycrate-bench-peers:${process.pid}`;
  makeWorkspace(folder, { "package.json": "{}", Dockerfile: dockerfile });
  execFileSync("bun", ["add", "--silent", "@devcontainers/cli", "gitlab-ci-local"], { cwd: folder });
  execFileSync(
    "docker",
    ["build", "--quiet", `--label=polycrate.workspace=${folder}/image`, `--tag=${tag}`, "."],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "ignore"],
    },
  );
  const devcontainer = planDevcontainer(folder, tag);
  const peers = [devcontainer, await planGitlab(folder, tag)];
  const warm = warmSubject(bench, makeWorkspace(join(folder, "polycrate"), plainWorkspace));
  for (const { ours } of peers) await sampleOf(ours);
  await sampleOf(warm);
  return {
    turns: [...peers.flatMap(({ ours, docker }) => [ours, docker]), warm].map((subject) => ({
      subject,
      rounds: bench.rounds.few,
    })),
    section: (samples) => ({
      title: "peers, running a command that does nothing",
      rows: [
        ...peers.flatMap((peer) => rowsOf(samples, peer)),
        rowOf(samples, warm, time, {
          name: "polycrate run --warm",
          against: devcontainer.ours,
          aim: { of: "ratio", atMost: 1 / 3 },
        }),
      ],
    }),
  };
}

/** The devcontainers CLI requires an os-release file in the image. */
const dockerfile = `FROM ${image}
RUN echo ID=debian >/etc/os-release
`;

type Peer = { readonly ours: Subject; readonly docker: Subject };

function rowsOf(samples: Samples, { ours, docker }: Peer): readonly Row[] {
  return [rowOf(samples, docker, time), rowOf(samples, ours, time, { against: docker })];
}

/** Its container is removed with the workspace's other traces. */
function planDevcontainer(folder: string, tag: string): Peer {
  const directory = makeWorkspace(join(folder, "devcontainer"), {
    ".devcontainer/devcontainer.json": JSON.stringify({ image: tag, updateRemoteUserUID: false }),
  });
  const words = ["bun", "--bun", join(folder, "node_modules/.bin/devcontainer")];
  const up = execFileSync("bun", [...words.slice(1), "up", "--workspace-folder", "."], {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, container = ""] = /"containerId":"(\w+)"/.exec(up) ?? [];
  return {
    ours: {
      name: "devcontainer exec",
      argv: [...words, "exec", "--workspace-folder", ".", "true"],
      directory,
    },
    docker: { name: "docker exec", argv: ["docker", "exec", container, "true"], directory },
  };
}

/** It copies the files that git tracks, with rsync. */
async function planGitlab(folder: string, tag: string): Promise<Peer> {
  const directory = join(folder, "gitlab");
  mkdirSync(directory);
  execFileSync("git", ["init", "--quiet"], { cwd: directory });
  execFileSync("git", ["remote", "add", "origin", "git@example.com:group/project.git"], { cwd: directory });
  makeWorkspace(directory, { ".gitlab-ci.yml": `nothing:\n  image: ${tag}\n  script: ["true"]\n` });
  execFileSync("git", ["add", "."], { cwd: directory });
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
  execFileSync("git", [...identity, "commit", "--quiet", "--message=bench"], { cwd: directory });
  const program = join(folder, "node_modules/.bin/gitlab-ci-local");
  return {
    ours: {
      name: "gitlab-ci-local",
      argv: ["bun", "--bun", program, "nothing", "--pull-policy", "if-not-present", `--helper-image=${tag}`],
      directory,
    },
    docker: {
      name: "docker run",
      argv: [
        "docker",
        "run",
        "--rm",
        `--volume=${directory}:/work`,
        "--entrypoint=/bin/bash",
        tag,
        "-c",
        "true",
      ],
      directory,
    },
  };
}
