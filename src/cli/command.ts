import type { CommandDef } from "citty";

/** A command of polycrate: its summary for the overview, and its definition, loaded only when it is used. */
export type Command = {
  readonly summary: string;
  /** The command names an action, whose inputs are flags too. */
  readonly takesInputs?: true;
  // biome-ignore lint/suspicious/noExplicitAny: citty's own type for a command whose flags are not known here
  readonly load: () => Promise<{ readonly default: CommandDef<any> }>;
};

/** Commands by their names, which may be two words. */
export type Commands = Readonly<Record<string, Command>>;
