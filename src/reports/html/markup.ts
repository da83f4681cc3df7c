import { printable, unseen } from "../../errors.ts";
import { withoutRunnerCommands } from "../runnerCommands.ts";

/** Text that is HTML already. Any other text is escaped when it comes into a template. */
export type Markup = { readonly markup: string };

type Value = string | number | Markup | readonly Markup[];

/**
 * A template of HTML. Text in it is shown as it is, in an element or in a quoted attribute; control characters and invisible
 * marks of direction are shown as escapes.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: parts.map((part, index) => part + writtenValue(values[index] ?? "")).join("") };
}

function writtenValue(value: Value): string {
  if (typeof value === "string") return escapeText(printable(value, true));
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}

/** What a template without content is. */
export const nothing: Markup = { markup: "" };

/** Returns a message with what it has in backticks as code. */
export function prose(message: string): Markup {
  const pieces = message.split("`");
  const last = pieces.length % 2 === 0 ? pieces.length - 1 : pieces.length;
  const shown = pieces.map((piece, index) => {
    if (index === last) return html`\`${piece}`;
    return index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`;
  });
  return html`${shown}`;
}

/** Returns text in which the escapes of control characters and marks of direction stand out from text that looks like them. */
export function visibleText(text: string): Markup {
  const pieces = text.split(runsOfUnseen).map((piece, index) => {
    const escaped = escapeText(printable(piece, true));
    return index % 2 === 0 ? escaped : `<span class="unseen">${escaped}</span>`;
  });
  return { markup: pieces.join("") };
}

const runsOfUnseen = new RegExp(`([${unseen}]+)`);

/** Characters that Unicode keeps out of texts make a page invalid (HTML, section 13.2.3.5), and so do half characters. */
function escapeText(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/\p{Noncharacter_Code_Point}/gu, "\ufffd")
    .replace(/[&<>"\u00a0]/g, (character) => entities[character] ?? character);
  return withoutRunnerCommands(escaped);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\u00a0": "&nbsp;",
};
