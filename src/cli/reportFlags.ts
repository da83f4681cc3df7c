import { exitCodes, PolycrateError } from "../errors.ts";

/** The kinds of reports on runs. */
export const reportKinds = ["junit", "markdown", "html"] as const;

export type ReportKind = (typeof reportKinds)[number];

/** A report that is to be written to a file, by the name that the caller gave. */
export type RequestedReport = { readonly kind: ReportKind; readonly file: string };

/** Reads the values of `--report`, each `KIND=FILE`. Throws (64). */
export function readReportFlags(values: readonly string[]): readonly RequestedReport[] {
  return values.map((value) => {
    const equals = value.indexOf("=");
    const [name, file] = equals < 0 ? [value, ""] : [value.slice(0, equals), value.slice(equals + 1)];
    const kind = reportKinds.find((one) => one === name);
    if (kind === undefined) {
      throw wrongReport(`invalid value \`${value}\` for \`--report\``, `use one of ${usage}`);
    }
    if (file === "")
      throw wrongReport(`missing file in \`--report=${value}\``, `use \`--report=${kind}=FILE\``);
    return { kind, file };
  });
}

const usage = reportKinds.map((kind) => `\`--report=${kind}=FILE\``).join(", ");

function wrongReport(message: string, hint: string): PolycrateError {
  return new PolycrateError(message, { hint, exitCode: exitCodes.wrongCommandLine });
}
