import { expect, test } from "bun:test";
import { engineError, engineIsGone, explainEngineError, isMissing } from "../../../src/engine/errors.ts";
import type { Image } from "../../../src/image/image.ts";
import { contextOf } from "../../support/fakes.ts";

const theirs: Image = { reference: "busybox:9", build: undefined };
const build = { context: contextOf("FROM a"), noCache: false, pull: false, when: "missing" } as const;
const ours: Image = { reference: "polycrate-workspace:1", build };
const notBuilt: Image = { ...ours, build: { ...build, when: "never" } };

function explained(tail: string, image = theirs, isBuild = false) {
  return explainEngineError({ exitCode: 125, tail }, { isBuild, image, shell: "/bin/zsh" }, "whole").message;
}

const denied = "permission denied while connecting to the docker engine";
const silent = "cannot connect to the docker engine";
const gone = "lost the connection to the docker engine during the run";
const noShell = "the image `busybox:9` has no `/bin/zsh`";
const noImage = "image `busybox:9` was not found locally and could not be pulled";
const unknown = "docker did not run the container; its error is above";
const oci = "OCI runtime create failed: container_linux.go:367: starting container process caused:";

/** What docker 20.10 to 28.2 print, and what polycrate makes of it. */
test.each([
  [
    'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://x": dial unix: connect: permission denied',
    denied,
  ],
  ["permission denied while trying to connect to the docker API at unix:///var/run/docker.sock", denied],
  [
    "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    silent,
  ],
  ["Is the docker daemon running?", silent],
  ["failed to connect to the docker API at unix:///x; check if the path is correct", silent],
  ['error during connect: Get "http://far:2375/v1.24/info": dial tcp: lookup far', silent],
  ["docker: unexpected EOF.", gone],
  ["Unexpected eof", gone],
  ["error waiting for container: unexpected EOF", gone],
  ["ERRO[0003] error waiting for container: ", gone],
  [`${oci} exec: "/bin/zsh": stat /bin/zsh: no such file or directory: unknown.`, noShell],
  [
    'OCI runtime create failed: runc create failed: unable to start container process: exec: "zsh": executable file not found in $PATH: unknown',
    noShell,
  ],
  ["[FATAL tini (7)] exec /bin/zsh failed: No such file or directory", noShell],
  ["FATAL tini (7)", noShell],
  ["exec /bin/zsh: no such file or directory", noShell],
  ["exec /bin/zsh: permission denied", unknown],
  ["Unable to find image 'busybox:9' locally", noImage],
  ["Error response from daemon: No such image: busybox:9", noImage],
  ["pull access denied for busybox, repository does not exist or may require 'docker login'", noImage],
  ["manifest for busybox:9 not found: manifest unknown: manifest unknown", noImage],
  ["manifest for busybox:9 not found", noImage],
  ["manifest unknown", noImage],
  ["repository does not exist", noImage],
  [
    "invalid mount config for type bind: bind source path does not exist: /run/user/7/polycrate/0123456789abcdef/1/files",
    "the docker engine cannot access the folder `$XDG_RUNTIME_DIR`",
  ],
  ["bind source path does not exist: /home/polycrate/0123456789abcde/x", unknown],
  ["bind source path does not exist: /srv/data", unknown],
  ["", unknown],
])("%s", (tail, message) => {
  expect(explained(tail)).toBe(message);
});

test("a program that is no shell and ends with 0 has not run the script", () => {
  const command = { isBuild: false, image: theirs, shell: "/bin/true" };
  expect(explainEngineError({ exitCode: 0, tail: "" }, command, "whole")).toEqual({
    message: "`/bin/true` of image `busybox:9` ended without running the script",
    hint: "set `config.container.shell` to a shell that it has, such as `/bin/sh`",
  });
});

test("every explanation says what to do", () => {
  const hintOf = (tail: string, image: Image) =>
    explainEngineError({ exitCode: 125, tail }, { isBuild: false, image, shell: "/bin/zsh" }, "whole").hint;
  expect(
    [
      hintOf("permission denied while trying to connect", theirs),
      hintOf("Cannot connect to the Docker daemon", theirs),
      hintOf("bind source path does not exist: /r/polycrate/0123456789abcdef/1", theirs),
      hintOf("unexpected EOF", theirs),
      hintOf("FATAL tini", theirs),
      hintOf("No such image", theirs),
      hintOf("No such image", notBuilt),
      hintOf("?", theirs),
    ].map((hint) => hint.slice(0, 24)),
  ).toMatchInlineSnapshot(`
    [
      "add your user to the gro",
      "start it (\`systemctl sta",
      "unset the variable: poly",
      "check the log of the eng",
      "set \`config.container.sh",
      "correct \`config.containe",
      "run without \`--no-build\`",
      "\`--dry-run\` prints the c",
    ]
  `);
});

test("an image of ours that is not there is not built, rather than not pulled", () => {
  expect(explained("No such image: polycrate-workspace:1", ours)).toBe(
    "image `polycrate-workspace:1` is not built",
  );
  expect(explained("No such image: polycrate-workspace:1", notBuilt, false)).toBe(
    "image `polycrate-workspace:1` is not built",
  );
});

test("a failed build is explained by its own output, but an engine that is gone is not its fault", () => {
  expect(explained("manifest unknown", ours, true)).toStartWith("the image could not be built: ");
  expect(explained("exec: no such file", ours, true)).toStartWith("the image could not be built: ");
  expect(explained("Cannot connect to the Docker daemon", ours, true)).toBe(silent);
  expect(explained("manifest unknown", theirs, true)).toBe(
    "docker did not run the container; its error is above",
  );
});

test.each([
  ["Cannot connect to the Docker daemon at unix:///x.", true],
  ["permission denied while trying to connect", true],
  ["Error During Connect: x", true],
  ["error waiting for container: x", true],
  ["failed to connect to the docker API", true],
  ["is the docker daemon running", true],
  ["No such container: x", false],
  ["permission denied", false],
  ["", false],
])("%j means that the engine is gone: %p", (output, expected) => {
  expect(engineIsGone(output)).toBe(expected);
});

test.each([
  ["Error response from daemon: No such container: x", true],
  ["Error: no such image: x", true],
  ["No such network: x", false],
])("%j means that it is not there: %p", (output, expected) => {
  expect(isMissing(output)).toBe(expected);
});

test.each([
  ["\n  Error: conflict \nmore", "Error: conflict", 125],
  ["", "docker reported no reason", 125],
  [" \n\t\n", "docker reported no reason", 125],
  ["Cannot connect to the Docker daemon\n", "cannot connect to the docker engine", 69],
])("a command that was refused with %j ends with %j: %i", (stderr, message, exitCode) => {
  expect(engineError(stderr)).toMatchObject({
    message,
    exitCode,
    hint: "`polycrate doctor` checks the engine",
  });
});
