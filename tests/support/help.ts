import { afterAll, beforeAll } from "bun:test";
import { commands } from "../../src/cli/registry.ts";

/** Takes the colours out of what this process renders itself, for all tests of the file: it may have a terminal. */
export function renderWithoutColors(): void {
  const { NO_COLOR } = process.env;
  beforeAll(() => {
    process.env.NO_COLOR = "1";
  });
  afterAll(() => {
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  });
}

/** Returns the definition of a command, of which its help is made. */
export async function definitionOf(name: string) {
  const command = (await commands[name]?.load())?.default;
  if (command === undefined) throw new Error(`no ${name}`);
  return command;
}
