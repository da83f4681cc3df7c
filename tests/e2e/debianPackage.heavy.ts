import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { basename } from "node:path";
import { version } from "../../src/version.ts";
import { call, makeFolder } from "../support/harness.ts";
import { cleanDebian, releaseFile, releaseFolder } from "../support/release.ts";
import { openScreen } from "../support/screen.ts";

// The Debian package in a clean Debian: minutes, so `sh scripts/test.sh --packages` alone runs this file.

setDefaultTimeout(300_000);

const architecture = process.arch === "x64" ? "amd64" : "arm64";
const name = `polycrate-packages-${process.pid}`;

/** Runs a shell script in the clean Debian. */
const inDebian = (script: string) => call(["docker", "exec", name, "bash", "-euc", script]);

beforeAll(async () => {
  const mount = `--mount=type=bind,source=${releaseFolder},target=/release,readonly`;
  const started = await call([
    ...["docker", "run", "--detach", "--init", `--name=${name}`, mount, cleanDebian],
    ...["sleep", "1000000"],
  ]);
  expect(started.exitCode).toBe(0);
  // The image leaves out manual pages, as those of Debian do; an installed system has them.
  const prepared = await inDebian(`rm -f /etc/dpkg/dpkg.cfg.d/small
    apt-get update -q && apt-get install -qy --no-install-recommends man-db bash-completion zsh fish`);
  expect(prepared.exitCode).toBe(0);
}, 300_000);

afterAll(async () => {
  await call(["docker", "rm", "--force", name]);
});

test("dpkg installs it where there is neither node nor bun", async () => {
  expect((await inDebian("! command -v node && ! command -v bun")).exitCode).toBe(0);
  const deb = basename(releaseFile(new RegExp(`^polycrate_.*_${architecture}\\.deb$`)));
  const installed = await inDebian(`dpkg --install /release/${deb} 2>&1`);
  expect(installed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Setting up polycrate") });
  expect((await inDebian("cd / && polycrate version")).stdout).toBe(`${version}\n`);
  expect((await inDebian("dpkg --verify polycrate; dpkg-query -W polycrate")).stdout).toBe(
    `polycrate\t${version}\n`,
  );
});

test("man finds the pages of polycrate, its commands and its topics, and apropos their summaries", async () => {
  const { stdout, stderr, exitCode } = await inDebian(
    "MANPAGER=cat man polycrate polycrate-run 7 polycrate-secrets",
  );
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  for (const part of ["polycrate - run infrastructure actions", "polycrate run [BLOCK] [ACTION]", "from_env"])
    expect(stdout).toContain(part);
  await inDebian("mandb --quiet");
  expect((await inDebian("apropos polycrate-self-test")).stdout).toMatch(
    /^polycrate-self-test \(1\) +- check/,
  );
});

test("bash completes commands with what the package installed", async () => {
  using folder = makeFolder({});
  const words = ["docker", "exec", "--interactive", "--tty", name, "bash", "--norc"];
  await using screen = openScreen(words, { directory: folder.path });
  screen.type("source /usr/share/bash-completion/bash_completion; echo REA''DY\r");
  await screen.until("READY\n");
  screen.type("polycrate self-\t");
  await screen.until("polycrate self-test");
  screen.type("--im\t");
  await screen.until("--image");
});

test("zsh finds what the package installed to complete commands with", async () => {
  const { stdout } = await inDebian(
    "zsh -fc 'autoload -U compinit; compinit -u -D; print $_comps[polycrate]; autoload +X _polycrate && print loaded'",
  );
  expect(stdout).toBe("_polycrate\nloaded\n");
});

test("fish completes commands with what the package installed", async () => {
  // Interactive, it would ask the terminal what it can, and wait for the answer.
  const { stdout } = await inDebian(`fish -c 'complete --do-complete "polycrate self-"'`);
  expect(stdout).toStartWith("self-test\t");
});

test("the hint of a workspace for a newer polycrate is how Debian updates it", async () => {
  const { stdout } =
    await inDebian(`mkdir -p /w && cd /w && printf 'name: w\\nrequires: ">=99"\\n' >workspace.poly
    polycrate list 2>&1 || true`);
  expect(stdout).toContain(
    "hint: download the newest `polycrate_*.deb` from the release page, then `sudo apt install",
  );
});

test("dpkg removes all of it", async () => {
  const purged = await inDebian("dpkg --purge polycrate 2>&1");
  expect(purged).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Removing polycrate") });
  const left = await inDebian(
    "find / -xdev -name '*polycrate*' -not -path '/proc/*' -not -path '/root/.cache/*' -not -path '/var/cache/man/*'",
  );
  expect(left.stdout).toBe("");
});

test.each(["amd64", "arm64"])("lintian finds no error in the package for %s", async (processor) => {
  const deb = releaseFile(new RegExp(`_${processor}\\.deb$`));
  using folder = makeFolder({});
  // It leaves files there.
  const env = { TMPDIR: folder.path };
  const { stdout } = await call(["lintian", "--allow-root", "--fail-on=error", deb], { env });
  expect(stdout.split("\n").filter((line) => line.startsWith("E:"))).toEqual([]);
  expect(stdout).not.toMatch(/internal error|cannot/i);
});
