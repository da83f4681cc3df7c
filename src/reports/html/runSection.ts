import { counted, printable } from "../../errors.ts";
import { toShell } from "../../host/arg.ts";
import type { Artifact } from "../../transactions/artifacts.ts";
import { formatDuration, formatSize } from "../humanize.ts";
import { inputsText } from "../inputsText.ts";
import type { ReportedRun } from "../runReport.ts";
import { hostsTable } from "./hostsTable.ts";
import { logMarkup, type ShownLog } from "./logSection.ts";
import { html, type Markup, nothing, prose } from "./markup.ts";
import { nameOfRun, statusWords, timeOfRun } from "./words.ts";

/** Returns the section of a step of a workflow, with a heading of its own. */
export function stepSection(run: ReportedRun, log: ShownLog, index: number): Markup {
  const { label, symbol, tone } = statusWords[run.transaction.status];
  return html`<section class="run" id="run-${index}" aria-labelledby="run-${index}-name">
<h2 id="run-${index}-name">${nameOfRun(run)} <span class="status ${tone}"><span aria-hidden="true">${symbol}</span> ${label}</span></h2>
${failureMarkup(run)}<p>${timeOfRun(run)}, started ${timeMarkup(run.transaction.started)}</p>
${runParts(run, log, "h3")}</section>
`;
}

/** Returns the log, the hosts of a playbook, the artifacts and what ran, each under a heading. */
export function runParts(run: ReportedRun, log: ShownLog, heading: "h2" | "h3"): Markup {
  const title = (text: string) => {
    const name = { markup: heading };
    return html`<${name}>${text}</${name}>`;
  };
  const { artifacts, hosts } = run.transaction;
  const hostsSection =
    hosts.length === 0 ? nothing : html`<section>${title("Hosts")}\n${hostsTable(hosts)}</section>\n`;
  const found = artifacts.length === 0 ? "Artifacts" : `Artifacts (${artifacts.length})`;
  return html`<section>${title("Log")}
${logMarkup(log, printable(run.log), run.transaction.id)}</section>
${hostsSection}<section>${title(found)}
${artifactsMarkup(artifacts)}</section>
<section>${title("What ran")}
${factsMarkup(run)}</section>
`;
}

/** Returns why a run failed, as far as it is known; nothing for one that did not fail. */
export function failureMarkup(run: ReportedRun): Markup {
  const { failure } = run;
  if (failure === undefined) return nothing;
  const { by, message, place, hint } = failure;
  const where =
    place === undefined ? nothing : html` in item ${place.item} of the script, line ${place.line}`;
  const subject = by === "action" ? html`<code>${nameOfRun(run)}</code> ` : nothing;
  const help = hint === undefined ? nothing : html`<p>Hint: ${prose(hint)}</p>`;
  return html`<div class="failure"><p>${subject}${prose(message)}${where}</p>${help}</div>
`;
}

/** Returns a time in UTC: a page without a script does not know where it is read. */
export function timeMarkup(time: Date): Markup {
  const written = time.toISOString();
  return html`<time datetime="${written}">${written.slice(0, 10)} ${written.slice(11, 19)} UTC</time>`;
}

function artifactsMarkup(artifacts: readonly Artifact[]): Markup {
  if (artifacts.length === 0) return html`<p>None.</p>`;
  const shown = artifacts.slice(0, mostArtifacts);
  const table = html`<div class="wide" role="group" aria-label="Artifacts" tabindex="0"><table>
<thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">Change</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${shown.map(artifactRow)}</tbody>
</table></div>`;
  const rest = artifacts.length - shown.length;
  const note =
    rest === 0 ? nothing : html`<p>${counted(rest, "more file")}; the record names all of them.</p>`;
  if (artifacts.length <= fewArtifacts) return table;
  return html`<details><summary>${counted(artifacts.length, "file")}, ${formatSize(totalSize(artifacts))}</summary>${table}${note}</details>`;
}

const fewArtifacts = 20;
const mostArtifacts = 1000;

function artifactRow({ path, size, change, sha256 }: Artifact): Markup {
  const hash = code(sha256) ?? "";
  return html`<tr><th scope="row"><code>${printable(path)}</code></th><td>${formatSize(size)}</td><td>${change}</td><td>${hash}</td></tr>
`;
}

function totalSize(artifacts: readonly Artifact[]): number {
  return artifacts.reduce((sum, { size }) => sum + size, 0);
}

function factsMarkup({ transaction, log }: ReportedRun): Markup {
  const { exitCode, containerExitCode, finished, inspected, imageId, imageDigest, workflowRun } = transaction;
  const { commit, dirty, snapshotHash } = transaction;
  const inputs = inputsText(transaction);
  const args = toShell(transaction.arguments).join(" ");
  const facts: readonly (readonly [string, string | Markup | undefined])[] = [
    ["Status", statusWords[transaction.status].label],
    ["Exit code", exitCode?.toString()],
    ["Container’s exit code", containerExitCode?.toString()],
    ["Started", timeMarkup(transaction.started)],
    ["Finished", finished === undefined ? undefined : timeMarkup(finished)],
    ["Shell open for", inspected === undefined ? undefined : formatDuration(inspected * 1000)],
    ["User", transaction.user],
    ["Image", code(transaction.image)],
    ["Image id", code(imageId)],
    ["Image digest", code(imageDigest)],
    [
      "Commit",
      commit === undefined ? undefined : html`<code>${commit}</code>${dirty === true ? " and changes" : ""}`,
    ],
    ["Inputs", inputs === "" ? undefined : code(inputs)],
    ["Arguments", args === "" ? undefined : code(args)],
    ["Snapshot", snapshotHash === "" ? undefined : code(snapshotHash)],
    ["Workspace", code(transaction.workspace)],
    ["Log", code(log)],
    ["Transaction", code(transaction.id)],
    ["Workflow run", code(workflowRun)],
    ["polycrate", transaction.version],
  ];
  const rows = facts.map(([name, value]) =>
    value === undefined ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`,
  );
  return html`<dl>${rows}</dl>
${commandMarkup(transaction.command)}`;
}

function code(value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : html`<code>${printable(value)}</code>`;
}

/** The words are as a shell reads them already. */
function commandMarkup(command: readonly string[]): Markup {
  if (command.length === 0) return nothing;
  return html`<details><summary>Command</summary><pre><code>${command.join(" ")}</code></pre></details>
`;
}
