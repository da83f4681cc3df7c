import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { call, executable, makeFolder } from "../support/harness.ts";

// The toolchain image, built and used: minutes, so `sh scripts/test.sh --toolchain` alone runs this file.

const minute = 60_000;
setDefaultTimeout(5 * minute);

const base = process.env.POLYCRATE_TEST_TOOLCHAIN_BASE ?? "polycrate-test:trixie";
const downloads = process.env.POLYCRATE_TEST_TOOLCHAIN_DOWNLOADS ?? "";
const image = "polycrate-test:toolchain";
const built = ["ansible", "aws", "azure", "docker", "hetzner", "kubernetes"];

beforeAll(async () => {
  const words = ["toolchain", "build", `--tag=${image}`, `--base=${base}`, `--downloads=${downloads}`];
  const result = await call([executable, ...words, `--only=${built.join(",")}`]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  expect(result.stdout).toBe(`${image}\n`);
}, 60 * minute);

const inImage = (words: readonly string[], flags: readonly string[] = []) =>
  call(["docker", "run", "--rm", ...flags, image, ...words]);

/** Runs what is written to the container's shell, and returns its output when it succeeded. */
async function shellIn(script: string, flags: readonly string[] = []): Promise<string> {
  const { stdout, stderr, exitCode } = await inImage(["bash", "-euc", script], flags);
  if (exitCode !== 0) throw new Error(`exit ${exitCode}\n${stdout}\n${stderr}`);
  return stdout;
}

test("every tool of the parts that were built runs", async () => {
  const { stdout, stderr, exitCode } = await inImage(["polycrate-toolchain-check"]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).not.toContain("FAILED");
  const parts = new Set(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split("\t")[0]),
  );
  expect([...parts].sort()).toEqual([...built, "shell"].sort());
  expect(stdout).toMatch(/^kubernetes\tkubectl\tClient Version: v1\.35\.2$/m);
  expect(stdout).toMatch(/^kubernetes\thelm\t.*v4\.1\.4/m);
});

test("the check names a tool that does not run, and fails", async () => {
  const { stdout, exitCode } = await inImage(["sh", "-c", "rm /usr/bin/jq; polycrate-toolchain-check shell"]);
  expect(stdout).toMatch(/^shell\tjq\tFAILED: /m);
  expect(exitCode).toBe(1);
});

const workspace = `name: tools
config: {container: {image: "${image}"}}
blocks:
  - name: tools
    config: {greeting: "hello {{ 1 + 1 }}"}
    actions:
      - {name: play, playbook: /workspace/play.yml}
      - {name: play-in-script, script: ansible-playbook /workspace/play.yml}
      - {name: kubectl, script: kubectl version --client}
      - {name: helm, script: helm template release /workspace/chart}
      - {name: aws, script: aws --version}
      - {name: az, script: az --version}
      - {name: hcloud, script: hcloud version}
      - {name: jq, script: "echo '{\\"a\\": 1}' | jq .a"}
      - {name: ssh, script: ssh -V 2>&1}
      - {name: docker, script: docker --version}
`;
const play = `- hosts: localhost
  gather_facts: false
  tasks:
    - community.general.ini_file: {path: /tmp/x.ini, section: s, option: o, value: "{{ block.config.greeting }}"}
    - ansible.builtin.command: cat /tmp/x.ini
      register: read
    - ansible.builtin.debug: {msg: "{{ workspace.name }}/{{ action.name }}: {{ read.stdout_lines[-1] }}"}
`;
const chart = {
  "chart/Chart.yaml": "apiVersion: v2\nname: small\nversion: 0.1.0\n",
  "chart/templates/map.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name | quote }}}\ndata: {}\n",
};

test.each([
  ["play", /tools\/play: o = hello 2/],
  ["play-in-script", /tools\/play-in-script: o = hello 2/],
  ["kubectl", /Client Version: v1\.35\.2/],
  ["helm", /metadata: \{name: "release"\}/],
  ["aws", /^aws-cli\/2\./],
  ["az", /azure-cli\s+2\./],
  ["hcloud", /^hcloud /],
  ["jq", /^1\n$/],
  ["ssh", /OpenSSH/],
  ["docker", /Docker version/],
])("the action %s runs in a workspace that names the image", async (action, expected) => {
  using folder = makeFolder({ "workspace.poly": workspace, "play.yml": play, ...chart });
  const { stdout, stderr, exitCode } = await folder.run(["run", "tools", action]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toMatch(expected);
});

test("the image has no entrypoint, and starts in /workspace", async () => {
  const { stdout } = await call(["docker", "image", "inspect", "--format", "{{json .Config}}", image]);
  const { Entrypoint, Cmd, WorkingDir, Labels } = JSON.parse(stdout);
  expect({ Entrypoint: Entrypoint ?? null, Cmd, WorkingDir }).toEqual({
    Entrypoint: null,
    Cmd: ["/bin/bash"],
    WorkingDir: "/workspace",
  });
  expect(Labels["org.opencontainers.image.title"]).toBe("polycrate toolchain");
  expect((await inImage(["ansible", "--version"])).stdout).toMatch(/^ansible \[core /);
});

test("Ansible works for the user of the image", async () => {
  const output = await shellIn("ansible localhost --module-name=ping | grep SUCCESS; id -un", [
    "--user=polycrate",
  ]);
  expect(output).toBe("localhost | SUCCESS => {\npolycrate\n");
});

test("a login shell finds the same commands", async () => {
  expect((await inImage(["bash", "-lc", "command -v pip"])).stdout).toBe("/opt/python/bin/pip\n");
});

const installSmall = `
  mkdir -p /tmp/small/polycrate_small-1.dist-info && cd /tmp/small
  echo 'answer = 42' >polycrate_small.py
  printf 'Metadata-Version: 2.1\\nName: polycrate-small\\nVersion: 1\\n' >polycrate_small-1.dist-info/METADATA
  printf 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n' >polycrate_small-1.dist-info/WHEEL
  for file in polycrate_small.py polycrate_small-1.dist-info/METADATA polycrate_small-1.dist-info/WHEEL; do
    echo "$file,," >>polycrate_small-1.dist-info/RECORD
  done
  python3 -m zipfile -c /tmp/polycrate_small-1-py3-none-any.whl polycrate_small.py polycrate_small-1.dist-info
  pip install --quiet --no-index /tmp/polycrate_small-1-py3-none-any.whl 2>&1
  cd /`;

test.each([
  ["root", []],
  ["the user of the image", ["--user=polycrate"]],
])("`pip install` is not refused for %s, and Ansible sees what it installs", async (_, flags) => {
  const script = `${installSmall}
    mkdir /tmp/filters
    printf '%s\\n' 'import polycrate_small' 'class FilterModule:' \
      '  def filters(self): return {"small": lambda x: polycrate_small.answer}' >/tmp/filters/small.py
    ANSIBLE_FILTER_PLUGINS=/tmp/filters ansible localhost -m debug -a 'msg={{ 0 | small }}'`;
  expect(await shellIn(script, flags)).toBe('localhost | SUCCESS => {\n    "msg": 42\n}\n');
});

test(
  "Dockerfiles written for Alpine build: `apk add`, and what they do after it",
  async () => {
    using folder = makeFolder({
      "workspace.poly":
        "name: derived\nblocks: [{name: tools, actions: [{name: tree, script: tree --version}]}]\n",
      "Dockerfile.poly": `FROM ${image}
RUN apk update && apk add --no-cache tree=2.0-r1 py3-xmltodict nodejs npm
RUN npm install -g semver@7 && semver 1.2.3
RUN wget --version >/dev/null && cd /tmp && mkdir tool && printf '#!/bin/sh\\necho tool\\n' >tool/tool && chmod +x tool/tool \\
 && tar -czf tool.tar.gz tool && tar -xzf tool.tar.gz && mv tool/tool /usr/local/bin/ && tool
`,
    });
    const { stdout, stderr, exitCode } = await folder.run(["run", "tools", "tree"]);
    expect({ exitCode, stderr, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^tree/),
    });
    expect(stderr).toContain(
      "apk: this image is Debian; running: env DEBIAN_FRONTEND=noninteractive apt-get",
    );
    expect(stderr).toContain("ignoring the Alpine version in `tree=2.0-r1`");
    const { stdout: tags } = await call([
      "docker",
      "image",
      "ls",
      "--quiet",
      `--filter=label=polycrate.workspace=${folder.path}`,
    ]);
    for (const id of new Set(tags.trim().split("\n"))) await call(["docker", "image", "rm", "--force", id]);
  },
  10 * minute,
);

test("no layer keeps a cache", async () => {
  const found = await shellIn(
    "find /var/lib/apt/lists /var/cache/apt /root/.cache /tmp /var/tmp /tools /table /unpacked /fetch.sh -type f 2>/dev/null || true",
  );
  expect(found.split("\n").filter((line) => line !== "" && !line.endsWith("/lock"))).toEqual([]);
});

test(
  "a download that fails stops the build, and the last lines name the tool, its address and the way out",
  async () => {
    const words = ["toolchain", "build", "--tag=polycrate-test:never", `--base=${base}`, "--only=terraform"];
    const { stderr, exitCode } = await call([executable, ...words]);
    expect(exitCode).not.toBe(0);
    expect(stderr.trimEnd().split("\n").slice(-2)).toEqual([
      expect.stringMatching(
        /^error: terraform \d\S* could not be downloaded from https:\/\/releases\.hashicorp\.com\/\S+\.zip$/,
      ),
      expect.stringMatching(
        /^hint: put terraform_\S+\.zip into a folder .* leave it out with `--without terraform`$/,
      ),
    ]);
    expect((await call(["docker", "image", "inspect", "polycrate-test:never"])).exitCode).toBe(1);
  },
  15 * minute,
);

/** Runs the script that fetches one tool in the image, with rows and files of the test's own. */
async function fetchIn(folder: { readonly path: string }, tool: string) {
  const script = `${import.meta.dir}/../../src/toolchain/fetch.sh`;
  return inImage(
    ["bash", "-c", `sh /fetch.sh yes ${tool} && cp -a /out/. / && ${tool}`],
    [`--volume=${script}:/fetch.sh:ro`, `--volume=${folder.path}:/tools`],
  );
}

test("a download with another content stops the build", async () => {
  using folder = makeFolder({
    "small/rows": row("small", "0".repeat(64), "https://example.invalid/small"),
    "small/downloads/small": "#!/bin/sh\n",
  });
  const { stderr, exitCode } = await fetchIn(folder, "small");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^error: small 1\.0 does not match its checksum: small has SHA-256 [0-9a-f]{64}, expected 0{64}\nhint: /,
  );
});

test("a zip's executable and a tar's folder are unpacked to where they belong", async () => {
  using folder = makeFolder({
    "make/inner/bin/small": "#!/bin/sh\necho small runs\n",
    "zipped/downloads/x": "",
    "small/downloads/x": "",
  });
  await call(["chmod", "-R", "755", folder.path]);
  await call([
    "tar",
    "-czf",
    `${folder.path}/small/downloads/small.tar.gz`,
    "-C",
    `${folder.path}/make`,
    "inner",
  ]);
  await call([
    "python3",
    "-m",
    "zipfile",
    "-c",
    `${folder.path}/zipped/downloads/zipped.zip`,
    `${folder.path}/make/inner/bin/small`,
  ]);
  for (const [tool, file, member] of [
    ["small", "small.tar.gz", "inner/"],
    ["zipped", "zipped.zip", "small"],
  ] as const) {
    const sha256 = new Bun.CryptoHasher("sha256")
      .update(await Bun.file(`${folder.path}/${tool}/downloads/${file}`).bytes())
      .digest("hex");
    folder.write(`${tool}/rows`, row(tool, sha256, `https://example.invalid/${file}`, member));
    const { stdout, stderr } = await fetchIn(folder, tool);
    expect(stderr).toBe("");
    expect(stdout).toEndWith("small runs\n");
  }
});

function row(tool: string, sha256: string, address: string, member = "-"): string {
  return `${[tool, tool, "1.0", "amd64", sha256, address, member, "-"].join("\t")}\n`;
}
