import { thisOwner, writeOwner } from "../host/owner.ts";
import { makePrivateTree, type PrivateTree, type TreeEntry } from "../host/privateTree.ts";

/** The user of the workspace `other-user`: numbers that no image and no machine has a user for. */
export const otherUser = { uid: 12345, gid: 23456 };

/** A value that a shell, YAML or a command line would change if it was not quoted. */
export const oddValue = "two words, 'quotes\", $HOME, ü\nand a second line";

/** The name of the variable that has a secret, here and in the container. */
export const secretVariable = "SELF_TEST_SECRET";

/** The line that the actions find in the workspace. */
export const inputLine = "written by the host";

/**
 * Creates a temporary folder with two workspaces, whose actions run in the image: `caller`, as the caller, and `other-user`.
 * `polycrate prune` removes it if this process dies.
 */
export function makeTestFolder(image: string): Promise<PrivateTree> {
  const other = `${otherUser.uid}:${otherUser.gid}`;
  const entries = [
    testSubfolder("caller"),
    testFile("caller/workspace.poly", testWorkspace(image, "host", callerActions)),
    testFile("caller/input.txt", `${inputLine}\n`),
    testSubfolder("other-user"),
    testFile("other-user/workspace.poly", testWorkspace(image, other, otherActions)),
    // The cache of parsed files must not stay either.
    { ...testSubfolder("cache"), mode: 0o700 },
  ];
  return makePrivateTree(entries, writeOwner(thisOwner()), () => false);
}

/** The block that all actions are in. */
export const blockName = "self-test";

const waiting = "while :; do sleep 1 & wait $!; done";

// Images differ in their programs, so the actions use a shell's own commands, and `sleep`.
const callerActions = {
  start: "echo started",
  "exit-code": "exit 7",
  files: `read -r line <input.txt
printf '%s, and by the container\\n' "$line" >output.txt
if (echo changed >/self-test/input.txt) 2>/dev/null; then echo writable; else echo read-only; fi`,
  values: `printf '%s|' "$ODD_VALUE" "$FLAG_VALUE" "$@"`,
  input: 'while read -r line; do echo "read $line"; done',
  streams: "echo to standard output\necho to standard error >&2",
  output: `i=0
while [ $i -lt 20000 ]; do i=$((i + 1)); echo "line $i"; done
text=0123456789abcde
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do text="$text$text"; done
i=0
while [ $i -lt 64 ]; do i=$((i + 1)); echo "$text"; done`,
  wait: `trap 'echo got TERM; exit 0' TERM
trap 'echo got INT; exit 0' INT
echo ready
${waiting}`,
  timeout: waiting,
  secret: `echo "the secret is $${secretVariable}"
echo "the secret is $${secretVariable}" >&2
read -r line || :`,
};

const otherActions = {
  user: `while read -r name value rest; do
  case $name in Uid: | Gid:) echo "$name $value" ;; esac
done </proc/self/status`,
};

/** JSON is YAML too. */
function testWorkspace(image: string, user: string, actions: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    name: "self-test",
    config: {
      container: {
        image,
        user,
        shell: "/bin/sh",
        stop_timeout: 3,
        env: { ODD_VALUE: oddValue, [secretVariable]: { from_env: secretVariable } },
      },
    },
    extramounts: user === "host" ? ["input.txt:/self-test/input.txt:ro"] : [],
    blocks: [
      {
        name: blockName,
        actions: Object.entries(actions).map(([name, script]) => ({ name, script: [script] })),
      },
    ],
  });
}

function testSubfolder(path: string): TreeEntry & { readonly kind: "directory" } {
  return { kind: "directory", path, time: 0, mode: 0o755 };
}

function testFile(path: string, text: string): TreeEntry {
  return {
    kind: "file",
    path,
    time: 0,
    mode: 0o644,
    content: async function* () {
      yield Buffer.from(text);
    },
  };
}
