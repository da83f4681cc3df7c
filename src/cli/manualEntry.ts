/** A command line that can be copied, and what it does. */
export type Example = { readonly description: string; readonly command: string };

/** The examples in the help of a command; `trailingArgs` are shown after the flags in its usage. */
export type ManualEntry = { readonly trailingArgs?: string; readonly examples: readonly Example[] };

/** The entries of commands. */
export type ManualEntries = Readonly<Record<string, ManualEntry>>;
