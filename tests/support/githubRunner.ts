/** The commands that GitHub's runner knows (actions/runner, ActionCommandManager.cs). */
const known = [
  ...["stop-commands", "group", "endgroup", "error", "warning", "notice", "debug", "add-mask", "add-path"],
  ...["set-env", "set-output", "save-state", "echo", "add-matcher", "remove-matcher"],
];

/** A command that the runner obeys: `::name key=value::data`, or `##[name]data` anywhere in a line. */
export type ObeyedCommand = { readonly name: string; readonly properties: string; readonly data: string };

/** Returns the commands that the runner obeys in the output of a step, without those that stop and resume it, and whether it is stopped at the end. */
export function obeyed(output: string): {
  readonly commands: readonly ObeyedCommand[];
  readonly isStopped: boolean;
} {
  const commands: ObeyedCommand[] = [];
  let token: string | undefined;
  // .NET's reader ends a line at a carriage return too.
  for (const line of output.split(/\r\n|\r|\n/)) {
    const command = parse(line);
    if (command === undefined) continue;
    if (token !== undefined) {
      if (command.name.toLowerCase() === token.toLowerCase()) token = undefined;
    } else if (command.name.toLowerCase() === "stop-commands") token = command.data;
    else if (known.includes(command.name.toLowerCase())) commands.push(command);
  }
  return { commands, isStopped: token !== undefined };
}

function parse(line: string): ObeyedCommand | undefined {
  const second = /^\s*::([^ :]*(?::[^ :]+)*)(?: (.*?))?::(.*)$/.exec(line);
  const first = second ?? /##\[([^ \]]*)(?: ([^\]]*))?\](.*)$/.exec(line);
  if (first === null) return undefined;
  const [, name = "", properties = "", data = ""] = first;
  return { name, properties, data: unescaped(data) };
}

function unescaped(text: string): string {
  return text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}
