import { expect, test } from "bun:test";
import { readDockerFlags } from "../../../../src/engine/flags/dockerFlag.ts";
import { mountsOfFlags, targetsOfFlags } from "../../../../src/engine/flags/flagMounts.ts";
import { argValue } from "../../../../src/host/arg.ts";

function read(...entries: readonly string[]) {
  const context = {
    uid: 7,
    gid: 8,
    home: "/h",
    directory: "/w",
    environment: { TOKEN: "s3cr3t", HOME: "/h" },
  };
  return readDockerFlags(entries, context, "/workspace");
}

test.each([
  ["--log-driver=json-file", "the flag `--log-driver` cannot be set"],
  ["--log-driver json-file", "the flag `--log-driver` cannot be set"],
  ["--log-opt=max-size=1m", "the flag `--log-opt` cannot be set"],
  ["--init=false", "the flag `--init=false` cannot be set"],
  ["--init=0", "the flag `--init=0` cannot be set"],
  ["--rm=false", "the flag `--rm=false` cannot be set"],
  ["--label=polycrate.owner=me", "the label `polycrate.owner` is set by polycrate"],
  ["-l polycrate.owner=me", "the label `polycrate.owner` is set by polycrate"],
  ["-lpolycrate.owner", "the label `polycrate.owner` is set by polycrate"],
  ["-v /x:/run/polycrate/script", "`/run/polycrate/script` in the container is reserved for polycrate"],
  ["-v /x:/run/polycrate", "`/run/polycrate` in the container is reserved for polycrate"],
  ["-v /x:/run/polycrate-status:ro", "`/run/polycrate-status` in the container is reserved for polycrate"],
  ["-v /run/polycrate-agent", "`/run/polycrate-agent` in the container is reserved for polycrate"],
  ["-v /x:/run//./polycrate/", "`/run//./polycrate/` in the container is reserved for polycrate"],
  [
    "-v /x:/var/run/polycrate/script",
    "`/var/run/polycrate/script` in the container is reserved for polycrate",
  ],
  ["--tmpfs=/run/polycrate:size=1m", "`/run/polycrate` in the container is reserved for polycrate"],
  [
    "--mount=type=bind,source=/x,Target=/run/polycrate/script",
    "`/run/polycrate/script` in the container is reserved for polycrate",
  ],
  [
    "--mount 'type=bind,source=/x,\"dst=/run/polycrate/script\"'",
    "`/run/polycrate/script` in the container is reserved for polycrate",
  ],
  ["-v /x:/workspace/.polycrate", "`/workspace/.polycrate` in the container is reserved for polycrate"],
  [
    "-v /x:/workspace/.polycrate/run",
    "`/workspace/.polycrate/run` in the container is reserved for polycrate",
  ],
  ["-dit", "the flag `-d` cannot be set"],
  ["--detach-keys=a", "the flag `--detach-keys` cannot be set"],
  ["-w /x", "the flag `-w` cannot be set"],
  ["--env-file=x", "the flag `--env-file` cannot be set"],
  ["-e $TOKEN=1", "`\"${TOKEN?}\"'=1'` does not name a variable"],
  ["-Pe A=b", "`-e` cannot be combined with other flags"],
])("the docker flag %s breaks a promise: %s", (entry, message) => {
  expect(read(entry)).toMatchObject({ flags: [], variables: [], problems: [{ index: 0, message }] });
});

test.each(["network", "constructor", "toString"])(
  "a flag that is not refused goes to docker: --%s",
  (name) => {
    expect(read(`--${name}=x`)).toMatchObject({ flags: [{ name, value: "x" }], problems: [] });
  },
);

test.each([["--rm"], ["--rm=true"], ["--init"], ["--init=1"]])(
  "%s is what every container has, so it is taken and says nothing",
  (entry) => {
    expect(read(entry)).toEqual({ flags: [], variables: [], problems: [] });
  },
);

test.each([
  ["-v /x:/run"],
  ["-v /x:/run/polycrates"],
  ["-v /x:/workspace/.polycrates"],
  ["--label=polycrates=1"],
  ["--mount=type=tmpfs,target=/tmp"],
])("%s is left alone", (entry) => {
  expect(read(entry)).toMatchObject({ flags: [{ index: 0 }], problems: [] });
});

test.each([
  ["-e A=b", { name: "A", value: "b", written: undefined }],
  ["-e=A=b", { name: "A", value: "b", written: undefined }],
  ["-eA=b", { name: "A", value: "b", written: undefined }],
  ["-e=A=b", { name: "A", value: "b", written: undefined }],
  ["--env A=b=c", { name: "A", value: "b=c", written: undefined }],
  ["--env=A='b c'", { name: "A", value: "b c", written: undefined }],
  ["--env=A=", { name: "A", value: "", written: undefined }],
  ["-e A", { name: "A", value: undefined, written: undefined }],
  ["-e UID=$(id -u)", { name: "UID", value: "7", written: undefined }],
  ["-e A=x$TOKEN", { name: "A", value: "xs3cr3t", written: `x"\${TOKEN?}"` }],
])("%s sets a variable", (entry, variable) => {
  expect(read("--init", entry)).toEqual({ flags: [], variables: [{ ...variable, index: 1 }], problems: [] });
});

test("every entry with a problem is named by its number, and what is right is kept", () => {
  const { flags, problems } = read(
    "--name foo",
    "-v",
    "`x`",
    "--network=host",
    "word word",
    "-w",
    "/x",
    "--hostname=$NONE",
  );
  expect(flags.map(({ name, index }) => [name, index])).toEqual([["network", 3]]);
  expect(problems.map(({ index, message }) => [index, message]).sort()).toEqual([
    [0, "the flag `--name` cannot be set"],
    [2, "command substitution is not supported in flags"],
    [4, "unexpected argument `word`: it does not follow a flag"],
    [5, "the flag `-w` cannot be set"],
    [7, "the variable `NONE` is not set"],
  ]);
});

test.each([
  ["-v /a:/b", [{ source: "/a", target: "/b", readonly: false }], ["/b"]],
  ["-v /a:/b:z,ro", [{ source: "/a", target: "/b", readonly: true }], ["/b"]],
  ["-v /a:/b:rox", [{ source: "/a", target: "/b", readonly: false }], ["/b"]],
  ["-v /b", [], ["/b"]],
  ["--volume=/a:/b", [{ source: "/a", target: "/b", readonly: false }], ["/b"]],
  ["--mount=type=bind,source=/a,target=/b", [{ source: "/a", target: "/b", readonly: false }], ["/b"]],
  ["--mount=type=bind,src=/a,dst=/b,readonly", [{ source: "/a", target: "/b", readonly: true }], ["/b"]],
  ["--mount=SRC=/a,Destination=/b,ro=true", [{ source: "/a", target: "/b", readonly: true }], ["/b"]],
  ["--mount=src=/a,dst=/b,readonly=false", [{ source: "/a", target: "/b", readonly: false }], ["/b"]],
  ['--mount=\'"src=/a,""b""",dst=/c=d\'', [{ source: '/a,"b"', target: "/c=d", readonly: false }], ["/c=d"]],
  ["--mount=type=tmpfs,target=/t", [], ["/t"]],
  ["--mount=type=bind,source=/a", [], []],
  ["--tmpfs=/t:size=1m", [], ["/t"]],
  ["--tmpfs /t", [], ["/t"]],
  ["--network=host", [], []],
])("%s mounts %j and covers %j", (entry, mounts, targets) => {
  const { flags, problems } = read(entry);
  expect(problems).toEqual([]);
  expect(mountsOfFlags(flags)).toEqual(mounts);
  expect(targetsOfFlags(flags)).toEqual(targets);
});

/** The flags in short: name, value, and the words for docker. */
const flagsOf = (...entries: readonly string[]) =>
  read(...entries).flags.map(({ name, value, words }) => [name, value, words.map(argValue).join(" ")]);

test.each([
  ["-u 7", [["user", "7", "-u 7"]]],
  ["-u7", [["user", "7", "-u7"]]],
  ["-u=7", [["user", "7", "-u=7"]]],
  ["--user 7", [["user", "7", "--user 7"]]],
  ["--user=7", [["user", "7", "--user=7"]]],
  ["--label=a=b=c", [["label", "a=b=c", "--label=a=b=c"]]],
  [
    "--read-only -P",
    [
      ["read-only", undefined, "--read-only"],
      ["publish-all", undefined, "-P"],
    ],
  ],
  ["-Pqv/a:/b", [["volume", "/a:/b", "-Pqv/a:/b"]]],
  ["-Pv /a:/b --init", [["volume", "/a:/b", "-Pv /a:/b"]]],
  ["-Pq", [["quiet", undefined, "-Pq"]]],
  ["--privileged=false", [["privileged", "false", "--privileged=false"]]],
  ["--gpus=", [["gpus", "", "--gpus="]]],
  ["-x y", [["x", "y", "-x y"]]],
])("%s is %j", (entry, flags) => {
  expect(flagsOf(entry)).toEqual(flags);
});

test("a value may stand in an entry of its own, or be what a variable holds", () => {
  expect(flagsOf("--network", "host", "-v", "/a:/b")).toEqual([
    ["network", "host", "--network host"],
    ["volume", "/a:/b", "-v /a:/b"],
  ]);
  const [flag] = read("--hostname=$TOKEN").flags;
  expect(flag?.words).toEqual([{ value: "--hostname=s3cr3t", written: '--hostname="${TOKEN?}"' }]);
  expect(flag?.index).toBe(0);
});

test.each([
  ["--network", "the flag `--network` requires a value"],
  ["-v", "the flag `-v` requires a value"],
  ["--", "unexpected argument `--`: it does not follow a flag"],
  ["-", "unexpected argument `-`: it does not follow a flag"],
  ["word", "unexpected argument `word`: it does not follow a flag"],
  ["--env", "the flag `--env` requires a value"],
  ["-i", "the flag `-i` cannot be set"],
  ["-t", "the flag `-t` cannot be set"],
  ["-a stdin", "the flag `-a` cannot be set"],
  ["--pull=always", "the flag `--pull` cannot be set"],
  ["--restart=always", "the flag `--restart` cannot be set"],
  ["--cidfile=x", "the flag `--cidfile` cannot be set"],
  ["--sig-proxy=false", "the flag `--sig-proxy` cannot be set"],
  ["--entrypoint=x", "the flag `--entrypoint` cannot be set"],
  ["--help", "the flag `--help` cannot be set"],
  ["--attach=x", "the flag `--attach` cannot be set"],
  ["--interactive", "the flag `--interactive` cannot be set"],
  ["--tty", "the flag `--tty` cannot be set"],
  ["--detach", "the flag `--detach` cannot be set"],
  ["-Pw/x", "the flag `-w` cannot be set"],
  ["--init=falsetrue", "the flag `--init=falsetrue` cannot be set"],
])("%s: %s", (entry, message) => {
  const { flags, problems } = read(entry);
  expect(flags).toEqual([]);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
  expect(problems[0]?.hint).toBeString();
});

test("a problem takes the rest of its entry with it, and the value in the next one", () => {
  expect(flagsOf("-w /x --read-only", "-P")).toEqual([["publish-all", undefined, "-P"]]);
  expect(flagsOf("-w", "/x", "-P")).toEqual([["publish-all", undefined, "-P"]]);
  expect(flagsOf("-v", "'x", "-P")).toEqual([["publish-all", undefined, "-P"]]);
});
