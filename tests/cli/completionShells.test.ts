import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, makeFolder } from "../support/harness.ts";
import { openScreen } from "../support/screen.ts";

const oddName = `odd $(touch pwned) 'q' "d"; * ~ ü`;

const workspace = `name: shells
workflows:
  - {name: release, description: Build and deploy, steps: [{name: build, block: hello, action: greet}]}
blocks:
  - name: hello
    description: A local block
    actions:
      - {name: greet, description: "Say hello: to all", script: echo hi}
      - {name: grow, script: echo hi}
      - {name: scale, script: echo hi, inputs: {region: {choices: [eu, us]}, size: {}}}
  - {name: helper, actions: [{name: help, script: echo hi}]}
  - {name: ${JSON.stringify(oddName)}, actions: [{name: act, script: echo hi}]}
  - {name: "registry.host:5000/k8s/nginx", actions: [{name: serve, script: echo hi}]}
`;

/** The completion calls \`polycrate\`; the function of that name shows which words the shell makes of a completed line. */
const shells = {
  bash: {
    words: ["bash", "--norc", "--noprofile", "-i"],
    setup: `eval "$(polycrate completion bash)"; polycrate() { printf '<%s>' "$@"; echo END; }`,
  },
  zsh: {
    words: ["zsh", "-f", "-i"],
    setup: `autoload -U compinit; compinit -u -D; zstyle ':completion:*' insert-tab false; eval "$(polycrate completion zsh)"; polycrate() { printf '<%s>' "$@"; echo END; }`,
  },
  fish: {
    words: ["fish", "--no-config", "-i"],
    setup: `polycrate completion fish | source; function polycrate; printf '<%s>' $argv; echo END; end`,
  },
} as const;

let bin = "";
beforeAll(() => {
  bin = mkdtempSync(join(tmpdir(), "polycrate-test-bin-"));
  mkdirSync(join(bin, "home"));
  symlinkSync(executable, join(bin, "polycrate"));
});
afterAll(() => rmSync(bin, { recursive: true, force: true, maxRetries: 20 }));

async function openShell(shell: keyof typeof shells, directory: string) {
  const { words, setup } = shells[shell];
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: join(bin, "home"),
    INPUTRC: "/dev/null",
    LC_ALL: "C.UTF-8",
    // fish keeps files here, else in the temporary folder.
    XDG_RUNTIME_DIR: bin,
  };
  const screen = openScreen(words, { directory, columns: 100, env });
  screen.type(`${setup}; echo REA''DY\r`);
  await screen.until("READY\n");
  return screen;
}

const names: readonly (keyof typeof shells)[] = ["bash", "zsh", "fish"];

test.each(
  names.flatMap((shell) =>
    [
      ["polycrate hist", "<history>"],
      ["polycrate help exit", "<help><exit-codes>"],
      ["polycrate help --sea", "<help><--search>"],
      ["polycrate run hell", "<run><hello>"],
      ["polycrate run hello gree", "<run><hello><greet>"],
      ["polycrate run hello --dry", "<run><hello><--dry-run>"],
      ["polycrate list --output=j", "<list><--output=json>"],
      ["polycrate list --output j", "<list><--output><json>"],
      ["polycrate run registry.host:50", "<run><registry.host:5000/k8s/nginx>"],
      ["polycrate run registry.host:5000/k8s/nginx s", "<run><registry.host:5000/k8s/nginx><serve>"],
      ["polycrate run hello scale --region=e", "<run><hello><scale><--region=eu>"],
      ["polycrate run hello scale --input s", "<run><hello><scale><--input><size=>"],
      ["polycrate run release --step b", "<run><release><--step><build>"],
      ["polycrate run rel", "<run><release>"],
      ["polycrate run od", `<run><${oddName}>`],
      ["polycrate run 'od", `<run><${oddName}>`],
      ['polycrate run "od', `<run><${oddName}>`],
      ["polycrate exec -- cat works", "<exec><--><cat><workspace.poly>"],
      ["polycrate run --dockerfile=wor", "<run><--dockerfile=workspace.poly>"],
    ].map(([typed = "", words = ""]) => [shell, typed, words] as const),
  ),
)("in %s, `%s` and a tab become %s", async (shell, typed, words) => {
  using folder = makeFolder({ "workspace.poly": workspace });
  await using screen = await openShell(shell, folder.path);
  screen.type(`${typed}\t\r`);
  expect(await screen.until("END\n")).toContain(`${words}END`);
  expect(folder.glob("*")).toEqual(["workspace.poly"]);
});

test.each([
  ["bash", "greet  (Say hello: to all)"],
  ["zsh", "greet  -- Say hello: to all"],
  ["fish", "greet  (Say hello: to all)"],
] as const)("in %s, what there is to choose from is shown with its description", async (shell, shown) => {
  using folder = makeFolder({ "workspace.poly": workspace });
  await using screen = await openShell(shell, folder.path);
  screen.type("polycrate run hello gr\t\t");
  expect(await screen.until("grow")).toContain(shown);
});

test.each(names)("in %s, a tab runs nothing of what was typed", async (shell) => {
  using folder = makeFolder({ "workspace.poly": workspace });
  await using screen = await openShell(shell, folder.path);
  screen.type('polycrate run "$(touch pwned)" $(touch pwned) -\t');
  screen.type("\u0015echo DO''NE\r");
  await screen.until("DONE\n");
  expect(folder.glob("*")).toEqual(["workspace.poly"]);
});
