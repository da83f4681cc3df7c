import { printable } from "../../errors.ts";
import { type HostRecap, recapKeys } from "../../transactions/hostRecap.ts";
import { html, type Markup } from "./markup.ts";

/** Returns the table of what a playbook did on each host. */
export function hostsTable(hosts: readonly HostRecap[]): Markup {
  const head = recapKeys.map((key) => html`<th scope="col">${key}</th>`);
  return html`<div class="wide" role="group" aria-label="Hosts" tabindex="0"><table>
<thead><tr><th scope="col">Host</th>${head}</tr></thead>
<tbody>${hosts.map(hostRow)}</tbody>
</table></div>`;
}

function hostRow(recap: HostRecap): Markup {
  const counts = recapKeys.map((key) => html`<td>${recap[key]}</td>`);
  return html`<tr><th scope="row">${printable(recap.host)}</th>${counts}</tr>
`;
}
