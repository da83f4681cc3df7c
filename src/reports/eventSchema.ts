import * as v from "valibot";
import { recapKeys } from "../transactions/hostRecap.ts";
import { statuses } from "../transactions/transaction.ts";

// The form in which programs get the events of runs, one JSON object a line. It is a promise: within a version of the format
// (`v`) keys and types of events are added, but none is renamed, removed or given another meaning.

const text = (description: string) => v.pipe(v.string(), v.description(description));
const count = (description: string) => v.pipe(v.number(), v.integer(), v.description(description));
const textOrNull = (description: string) => v.pipe(v.nullable(v.string()), v.description(description));
const countOrNull = (description: string) =>
  v.pipe(v.nullable(v.pipe(v.number(), v.integer())), v.description(description));

/** What every line has. */
const head = {
  v: v.pipe(v.literal(1), v.description("The version of the format.")),
  time: v.pipe(v.string(), v.isoTimestamp(), v.description("When it happened, in UTC.")),
  transaction: textOrNull("The id of the run; null for what happens between the runs of a workflow."),
  workflow_run: textOrNull("The id that all runs of a workflow share; null for a single action."),
  step: textOrNull("The workflow's step that runs."),
  matrix: v.exactOptional(
    v.pipe(
      v.record(v.string(), v.string()),
      v.description("The combination of the step's matrix, if it has one."),
    ),
  ),
  attempt: v.exactOptional(count("How often the step of a workflow has been run with this, from 1.")),
};

/** The keys that every line has beside its type. */
export const headKeys: readonly string[] = Object.keys(head);

const exitCode = "polycrate's exit code.";

/** What of the workspace stayed where it was. */
const leftOut = v.pipe(
  v.array(v.object({ path: text("Relative to the workspace."), reason: text("Why, as a clause.") })),
  v.description("What stayed where it was, such as sockets."),
);

/** The schema of one line of `polycrate run --output=events`. */
export const eventSchema = v.variant("type", [
  described("The first of a workflow.", {
    ...head,
    type: v.literal("workflow"),
    name: text("The workflow's name."),
    steps: v.pipe(
      v.array(v.string()),
      v.description("The names of its steps, of a matrix one for each combination."),
    ),
  }),
  described("A step of a workflow begins, or is tried again.", {
    ...head,
    type: v.literal("step"),
    index: count("The number of the step, from 0."),
    runs: text("The block and the action that it runs."),
  }),
  described("The answer to the question of a step was no.", { ...head, type: v.literal("step_declined") }),
  described("A step of a workflow is not run.", {
    ...head,
    type: v.literal("step_skipped"),
    reason: v.pipe(
      v.picklist(["needs", "condition"]),
      v.description("What it depends on did not succeed, or, for its `when`, did not fail."),
    ),
  }),
  described("A step that runs beside others ended in an error of polycrate.", {
    ...head,
    type: v.literal("step_error"),
    message: text("What went wrong."),
    hint: textOrNull("What to do about it."),
  }),
  described("The last of a workflow.", {
    ...head,
    type: v.literal("workflow_finished"),
    exit_code: count(exitCode),
  }),
  described("The first of a run: its record and log exist, and nothing is built or started yet.", {
    ...head,
    type: v.literal("planned"),
    workspace: text("The workspace's folder."),
    block: text("The block's name."),
    action: text("The action's name."),
    workflow: textOrNull("The workflow's name."),
    image: text("The reference of the image that the container is made from."),
    user: text("Who runs it, by login name."),
    host: text("The name of the host that runs polycrate."),
    polycrate: text("polycrate's version."),
    git_commit: textOrNull("The commit that the workspace's HEAD is at."),
    record: text("The file of the record, relative to the workspace."),
    log: text("The file of the log, relative to the workspace."),
    steps: v.pipe(
      v.array(
        v.object({
          kind: v.picklist(["build", "tag", "probe", "caches", "run", "warm", "create", "send", "attach"]),
          image: text("The reference of the image that it builds, names, asks or runs."),
        }),
      ),
      v.description("What is going to be done, in order; an image that exists is not built."),
    ),
  }),
  described("Something that is not an error.", {
    ...head,
    type: v.literal("warning"),
    message: text("What it is."),
    hint: textOrNull("What to do about it."),
  }),
  described("A command of the engine's client starts.", {
    ...head,
    type: v.literal("command"),
    command: v.pipe(v.array(v.string()), v.description("The program and what it does; no arguments.")),
  }),
  described("Such a command has ended.", {
    ...head,
    type: v.literal("command_ended"),
    command: v.pipe(v.array(v.string()), v.description("The program and what it did.")),
    milliseconds: count("How long it took."),
  }),
  described("Something keeps the run waiting.", {
    ...head,
    type: v.literal("waiting"),
    message: text("What it is."),
  }),
  described("An image is about to be built.", {
    ...head,
    type: v.literal("building"),
    reason: text("Why."),
  }),
  described("The build has ended.", { ...head, type: v.literal("built"), failed: v.boolean() }),
  described("The id of the image that the container is made from is known.", {
    ...head,
    type: v.literal("image"),
    id: text("The id, as the engine prints it."),
    digest: textOrNull("The image as a registry knows it: `REPOSITORY@sha256:…`."),
  }),
  described("Whether tracked files of the workspace differ from the commit of its record.", {
    ...head,
    type: v.literal("worktree"),
    dirty: v.boolean(),
  }),
  described("The engine is asked to run the container.", { ...head, type: v.literal("starting") }),
  described("The engine pulls the image, which it does not have or was told to ask for.", {
    ...head,
    type: v.literal("pulling"),
  }),
  described("The container runs.", { ...head, type: v.literal("started") }),
  described("The script failed, and a shell was opened in its place.", {
    ...head,
    type: v.literal("inspecting"),
  }),
  described("The action runs in a warm container.", { ...head, type: v.literal("warm") }),
  described("That shell has ended.", {
    ...head,
    type: v.literal("inspected"),
    milliseconds: count("How long it was open."),
  }),
  described("Output, as `text` or as `base64`. The bytes of a stream are those of its events, in order.", {
    ...head,
    type: v.literal("output"),
    source: v.pipe(
      v.picklist(["build", "probe", "action"]),
      v.description("Who printed: the build of the image, a question to the image, or the action."),
    ),
    stream: v.picklist(["stdout", "stderr"]),
    text: v.exactOptional(text("Whole characters, secrets masked.")),
    base64: v.exactOptional(text("The bytes, where they are not UTF-8; secrets masked.")),
  }),
  described("The run is to end before its time.", {
    ...head,
    type: v.literal("stopping"),
    cause: text("Why."),
    grace_seconds: countOrNull("After how long the action is killed; null when it is not, or does not run."),
  }),
  described("The workspace was sent to the container, on another machine.", {
    ...head,
    type: v.literal("sent"),
    files: count("Files and links."),
    bytes: count("Of the files together."),
    left_out: leftOut,
  }),
  described("What the action changed in the workspace, on another machine, came back.", {
    ...head,
    type: v.literal("fetched"),
    files: count("Files and links that were written."),
    removed: count("Those that were removed."),
    bytes: count("Of the files together."),
    conflicts: v.pipe(
      v.array(
        v.object({
          path: text("Relative to the workspace."),
          reason: text("Why what is here stayed."),
          theirs: textOrNull("Where that of the action is; null for one that it removed."),
        }),
      ),
      v.description("Paths that were changed here too, meanwhile."),
    ),
    left_out: leftOut,
  }),
  described("What the playbooks of the action did on each host, as Ansible counts it.", {
    ...head,
    type: v.literal("recap"),
    hosts: v.array(
      v.object({
        host: text("The name of the host in the inventory."),
        ...v.entriesFromList(recapKeys, count("How many tasks ended so.")),
      }),
    ),
  }),
  described("The run wrote a file in the folder of artifacts.", {
    ...head,
    type: v.literal("artifact"),
    path: text("Relative to the workspace."),
    size: count("In bytes."),
    change: v.picklist(["new", "changed"]),
    sha256: textOrNull("Of its content; null for a link, a large file, and one that cannot be read."),
  }),
  described("The run left files that do not belong to the caller.", {
    ...head,
    type: v.literal("foreign_files"),
    paths: v.pipe(v.array(v.string()), v.description("Relative to the workspace.")),
  }),
  described("The item of the script that failed, where that is known.", {
    ...head,
    type: v.literal("item"),
    item: count("Its number, from 1."),
    line: count("The line of the item, from 1."),
    status: v.literal("failed"),
  }),
  described("The last of a run.", {
    ...head,
    type: v.literal("finished"),
    status: v.picklist(statuses),
    exit_code: count(exitCode),
    container_exit_code: countOrNull("The container's own exit code, where it is another."),
    stopped: textOrNull("The signal, `timeout`, `reader gone` or `output lost` that ended it early."),
    failure: v.nullable(
      v.object({
        by: v.pipe(
          v.picklist(["action", "engine"]),
          v.description("What failed: the action, or the engine that was to build or run it."),
        ),
        message: text("Why; for an action the rest of a sentence that begins with its name."),
        hint: textOrNull("What to do about it."),
      }),
    ),
  }),
]);

/** One line of `polycrate run --output=events`. */
export type ReportedEvent = v.InferOutput<typeof eventSchema>;

function described<const Entries extends v.ObjectEntries>(description: string, entries: Entries) {
  return v.pipe(v.object(entries), v.description(description));
}
