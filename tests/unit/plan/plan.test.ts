import { expect, test } from "bun:test";
import { argValue } from "../../../src/host/arg.ts";
import { printScript } from "../../../src/plan/dryRun/script.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { planBuild } from "../../../src/plan/planBuild.ts";
import { writeYaml } from "../../../src/yaml/write.ts";
import { docker } from "../../support/engines.ts";
import { expectGolden, planOf, readExample } from "../../support/planning.ts";

// The files in `golden` are to be read: each is what a user of the example gets to see, or what docker gets.

/** A plan, one line for each of its parts; files stand in their scripts. */
function outline({ runDirectory, requires, folders, files, steps }: Plan): string {
  return [
    `run ${runDirectory?.root} ${runDirectory?.path}`,
    ...requires.map(({ path }) => `requires ${path}`),
    ...folders.map((folder) => `folder ${folder}`),
    ...files.map(({ path, mode, lifetime }) => `file ${lifetime} ${mode.toString(8)} ${path}`),
    ...steps.flatMap((step) => [
      `step ${step.kind}${step.kind === "build" ? ` with a context sent as ${step.context.sentAs}` : ""}`,
      ...(step.kind === "build" && step.unless !== undefined
        ? [`  unless ${step.unless.argv.map(argValue).join(" ")}`]
        : []),
      ...(step.kind === "run" ? step.environment : []).map(
        (variable) => `  variable ${JSON.stringify(variable)}`,
      ),
      ...("argv" in step ? step.argv : []).map((word) => `  ${JSON.stringify(argValue(word))}`),
    ]),
    "",
  ].join("\n");
}

test("a run of an action: its plan, its argv, its snapshot and its script", async () => {
  const { workspace, image } = await readExample();
  const facts = {
    block: "hello",
    action: "greet",
    facts: { image },
    options: { arguments: ["you & me"] },
  } as const;
  const { plan, snapshot } = planOf(workspace, facts);
  expectGolden("hello-greet.plan", outline(plan));
  expectGolden("hello-greet.sh", printScript({ title: plan.title, plans: [plan], continueOnFailure: false }));
  expectGolden("hello-greet.snapshot.yml", writeYaml(snapshot));
});

test("a build", async () => {
  const { workspace, image } = await readExample();
  const plan = { ...planBuild(workspace, docker, image), files: [] };
  expectGolden("build.sh", printScript({ title: plan.title, plans: [plan], continueOnFailure: false }));
});

const workflow = `
workflows:
  - name: release
    steps:
      - {name: first, block: hello, action: greet}
      - {name: second, block: shop, action: scale}
`;

test("a workflow, which a failure stops", async () => {
  const { workspace, image } = await readExample(workflow);
  const facts = { image };
  const plans = [
    planOf(workspace, {
      block: "hello",
      action: "greet",
      step: { workflow: "release", name: "first" },
      facts,
    }),
    planOf(workspace, {
      block: "shop",
      action: "scale",
      step: { workflow: "release", name: "second" },
      facts,
    }),
  ];
  const printed = plans.map(({ plan }) => plan);
  expectGolden(
    "release.sh",
    printScript({ title: "polycrate run release", plans: printed, continueOnFailure: false }),
  );
  expectGolden("release-second.snapshot.yml", writeYaml(plans[1]?.snapshot ?? null));
  const goingOn = printScript({ title: "polycrate run release", plans: printed, continueOnFailure: true });
  const unlessInterrupted = ') || { code=$?; case $code in 129 | 130 | 143) exit "$code" ;; esac; }';
  expect(goingOn.split("\n").filter((line) => line.startsWith(")"))).toEqual([
    unlessInterrupted,
    unlessInterrupted,
    ")",
  ]);
  expect(goingOn.replaceAll(unlessInterrupted, ") || exit")).toBe(
    printScript({ title: "polycrate run release", plans: printed, continueOnFailure: false }),
  );
});
