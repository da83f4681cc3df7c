import { locatedMessage, PolycrateError } from "../../errors.ts";
import { localChanges } from "../../registry/origin.ts";
import { lineageOf } from "../../workspace/blocks/findBlock.ts";
import { type Block, blocksOf, problemsOfBlock } from "../../workspace/blocks/overlayBlocks.ts";
import { inheritedValue } from "../../workspace/blocks/resolveBlock.ts";
import { brokenWorkflows } from "../../workspace/blocks/resolveWorkflow.ts";
import { type InputDeclaration, inputsOf } from "../../workspace/inputs/declarations.ts";
import { parseInput } from "../../workspace/inputs/values.ts";
import type { Workspace } from "../../workspace/load.ts";
import type { WorkflowSettings } from "../../workspace/poly/schema/workflow.ts";
import { isYamlList, isYamlMap, textOf, type YamlMap, type YamlValue } from "../../yaml/value.ts";

/** The blocks, actions and workflows of a workspace, for people and programs. */
export type WorkspaceSummary = {
  readonly workspace: string;
  readonly blocks: readonly BlockSummary[];
  readonly workflows: readonly WorkflowSummary[];
};

export type BlockSummary = {
  readonly name: string;
  readonly version: string | undefined;
  readonly alias: readonly string[];
  readonly from: string | undefined;
  readonly template: boolean;
  readonly description: string | undefined;
  readonly directory: string | undefined;
  /** Where a block that was installed from a registry comes from, and its files that were changed here. */
  readonly origin: OriginSummary | undefined;
  /** Why the block cannot be resolved; it is then listed as written, without what it inherits. */
  readonly broken: string | undefined;
  readonly actions: readonly ActionSummary[];
};

export type OriginSummary = {
  readonly reference: string;
  readonly digest: string;
  readonly changed: readonly string[];
};

export type ActionSummary = NamedSummary & { readonly inputs: readonly InputDeclaration[] };

type NamedSummary = {
  readonly name: string;
  readonly alias: readonly string[];
  readonly description: string | undefined;
};

export type WorkflowSummary = NamedSummary & {
  /** The problem of a broken workflow, of which only the name is listed. */
  readonly broken: string | undefined;
  readonly steps: readonly StepSummary[];
};

export type StepSummary = {
  readonly name: string;
  readonly block: string;
  readonly action: string;
  /** Undefined for the steps of a workflow that runs in order. */
  readonly needs: readonly string[] | undefined;
  readonly matrix: Readonly<Record<string, readonly string[]>>;
};

/** Returns the workspace's blocks and workflows; a block whose parent is missing is listed too. */
export function summarizeWorkspace(workspace: Workspace): WorkspaceSummary {
  const workflows = workspace.settings.workflows;
  return {
    workspace: workspace.settings.name,
    blocks: blocksOf(workspace).map((block) => summarizeBlock(workspace, block)),
    workflows: [
      ...workflows.map(({ name, alias, description, steps }) => ({
        name,
        alias: [alias ?? []].flat(),
        description: description ?? undefined,
        broken: undefined,
        steps: summarizeSteps(steps),
      })),
      ...brokenWorkflows(workspace).map(({ name, problems }) => ({
        name,
        alias: [],
        description: undefined,
        broken: problems[0]?.message,
        steps: [],
      })),
    ],
  };
}

function summarizeSteps(steps: WorkflowSettings["steps"]): readonly StepSummary[] {
  const isGraph = steps.some(({ needs, matrix }) => (needs ?? matrix ?? null) !== null);
  return steps.map(({ name, block, action, needs, matrix }) => ({
    ...{ name, block, action, needs: isGraph ? (needs ?? []) : undefined },
    matrix: matrix ?? {},
  }));
}

function summarizeBlock(workspace: Workspace, block: Block): BlockSummary {
  const { value, broken } = inheritedOrWritten(workspace, block);
  const actions = value.get("actions");
  return {
    name: block.name,
    version: block.version,
    alias: textsOf(block.value.get("alias")),
    from: textOf(block.value.get("from")),
    template: isTrue(block.value.get("template")),
    description: textOf(value.get("description")),
    directory: block.directory,
    origin: originOf(workspace, block),
    broken,
    actions: (isYamlList(actions) ? actions : []).filter(isYamlMap).map((action) => ({
      name: textOf(action.get("name")) ?? "",
      alias: textsOf(action.get("alias")),
      description: textOf(action.get("description")),
      inputs: inputsOf(action),
    })),
  };
}

/** Returns where a block comes from that was installed from a registry; undefined for any other. */
export function originOf({ path, settings }: Workspace, { directory }: Block): OriginSummary | undefined {
  if (directory === undefined) return undefined;
  const found = localChanges(path, directory, settings.config.blocksconfig);
  if (found === undefined) return undefined;
  const { reference, digest } = found.origin;
  return { reference, digest, changed: found.changed };
}

function inheritedOrWritten(
  workspace: Workspace,
  block: Block,
): { value: YamlMap; broken: string | undefined } {
  const [problem] = problemsOfBlock(workspace, block);
  try {
    return { value: inheritedValue(lineageOf(workspace, block)), broken: problem?.message };
  } catch (error) {
    if (!(error instanceof PolycrateError)) throw error;
    return { value: block.value, broken: locatedMessage(error) };
  }
}

function textsOf(value: YamlValue | undefined): readonly string[] {
  return (isYamlList(value) ? value : [value]).map(textOf).filter((text) => text !== undefined);
}

/** YAML 1.1's `yes` and `on` are true too, as for every boolean. */
function isTrue(value: YamlValue | undefined): boolean {
  return value === true || (typeof value === "string" && /^(?:yes|on)$/i.test(value));
}

/** Returns the summary with the documented keys of `list --output`; what is not set is null. */
export function toYaml({ workspace, blocks, workflows }: WorkspaceSummary): YamlMap {
  return new Map<string, YamlValue>([
    ["workspace", workspace],
    [
      "blocks",
      blocks.map(
        (block) =>
          new Map<string, YamlValue>([
            ["name", block.name],
            ["version", block.version ?? null],
            ["alias", block.alias],
            ["from", block.from ?? null],
            ["template", block.template],
            ["description", block.description ?? null],
            ["directory", block.directory ?? null],
            ["origin", originValue(block.origin)],
            ["broken", block.broken ?? null],
            ["actions", block.actions.map(actionValue)],
          ]),
      ),
    ],
    [
      "workflows",
      workflows.map(
        (workflow) =>
          new Map<string, YamlValue>([
            ...namedEntries(workflow),
            ["broken", workflow.broken ?? null],
            ["steps", workflow.steps.map(stepToYaml)],
          ]),
      ),
    ],
  ]);
}

function originValue(origin: OriginSummary | undefined): YamlValue {
  if (origin === undefined) return null;
  const { reference, digest, changed } = origin;
  return new Map<string, YamlValue>([
    ["reference", reference],
    ["digest", digest],
    ["changed", [...changed]],
  ]);
}

function actionValue(action: ActionSummary): YamlMap {
  return new Map<string, YamlValue>([...namedEntries(action), ["inputs", action.inputs.map(inputValue)]]);
}

function inputValue(input: InputDeclaration): YamlMap {
  const typed = (text: string) => {
    const read = parseInput({ type: input.type, choices: [] }, text);
    return "expected" in read ? text : read.value;
  };
  return new Map<string, YamlValue>([
    ["name", input.name],
    ["variable", input.variable],
    ["type", input.type],
    ["description", input.description ?? null],
    ["default", input.default === undefined ? null : typed(input.default)],
    ["choices", input.choices.map(typed)],
    ["required", input.required],
    ["secret", input.secret],
  ]);
}

/** Only the steps of a graph have the keys of one. */
function stepToYaml({ needs, matrix, ...step }: StepSummary): YamlMap {
  return new Map<string, YamlValue>([
    ...Object.entries(step),
    ...(needs === undefined
      ? []
      : [["needs", needs] as const, ["matrix", new Map(Object.entries(matrix))] as const]),
  ]);
}

function namedEntries({ name, alias, description }: NamedSummary): readonly (readonly [string, YamlValue])[] {
  return [
    ["name", name],
    ["alias", alias],
    ["description", description ?? null],
  ];
}
