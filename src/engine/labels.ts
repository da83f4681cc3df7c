/** The names of polycrate's labels of containers and images. */
export type LabelName = "transaction" | "workspace" | "block" | "action" | "owner" | "parts";

/** Returns the key of a label, or with a value the label as docker's flags and filters take it. */
export function label(name: LabelName, value?: string): string {
  return value === undefined ? `polycrate.${name}` : `polycrate.${name}=${value}`;
}

/** True for a key that only polycrate can set. */
export function isOurLabel(key: string): boolean {
  return key.startsWith("polycrate.");
}
