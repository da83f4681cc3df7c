import { expect, test } from "bun:test";
import { readDockerFlags } from "../../../../src/engine/flags/dockerFlag.ts";

function read(...entries: readonly string[]) {
  const surroundings = {
    uid: 7,
    gid: 8,
    home: "/h",
    directory: "/w",
    environment: { TOKEN: "s3cr3t", HOME: "/h" },
  };
  return readDockerFlags(entries, surroundings, "/workspace");
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
  ["-v /x:/run/polycrate/script", "`/run/polycrate/script` in the container belongs to polycrate"],
  ["-v /x:/run/polycrate", "`/run/polycrate` in the container belongs to polycrate"],
  ["-v /x:/run/polycrate-status:ro", "`/run/polycrate-status` in the container belongs to polycrate"],
  ["-v /run/polycrate-agent", "`/run/polycrate-agent` in the container belongs to polycrate"],
  ["-v /x:/run//./polycrate/", "`/run//./polycrate/` in the container belongs to polycrate"],
  ["-v /x:/var/run/polycrate/script", "`/var/run/polycrate/script` in the container belongs to polycrate"],
  ["--tmpfs=/run/polycrate:size=1m", "`/run/polycrate` in the container belongs to polycrate"],
  [
    "--mount=type=bind,source=/x,Target=/run/polycrate/script",
    "`/run/polycrate/script` in the container belongs to polycrate",
  ],
  [
    "--mount 'type=bind,source=/x,\"dst=/run/polycrate/script\"'",
    "`/run/polycrate/script` in the container belongs to polycrate",
  ],
  ["-v /x:/workspace/.polycrate", "`/workspace/.polycrate` in the container belongs to polycrate"],
  ["-v /x:/workspace/.polycrate/run", "`/workspace/.polycrate/run` in the container belongs to polycrate"],
  ["-dit", "the flag `-d` cannot be set"],
  ["-w /x", "the flag `-w` cannot be set"],
  ["--env-file=x", "the flag `--env-file` cannot be set"],
  ["-e $TOKEN=1", "the word `\"${TOKEN?}\"'=1'` does not name a variable"],
  ["-Pe A=b", "`-e` stands behind other letters"],
])("the docker flag %s breaks a promise: %s", (entry, message) => {
  expect(read(entry)).toMatchObject({ flags: [], variables: [], problems: [{ index: 0, message }] });
});

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
    [2, "no command is run to expand a flag"],
    [4, "the word `word` belongs to no flag"],
    [5, "the flag `-w` cannot be set"],
    [7, "the variable `NONE` is not set"],
  ]);
});
