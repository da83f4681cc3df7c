import { defineCommand } from "citty";
import { exitCodes, PolycrateError } from "../../errors.ts";
import { stdout } from "../../host/output.ts";

export default defineCommand({
  meta: {
    name: "completion",
    description: "Print a shell script that completes commands, flags, and the names in the workspace.",
  },
  args: {
    shell: { type: "positional", description: "bash, zsh or fish.", required: true },
  },
  run: ({ args }) => {
    const script = Object.hasOwn(scripts, args.shell) ? scripts[args.shell] : undefined;
    if (script === undefined) {
      throw new PolycrateError(`unsupported shell \`${args.shell}\``, {
        hint: "use one of bash, zsh, fish",
        exitCode: exitCodes.wrongCommandLine,
      });
    }
    stdout.write(script);
    return 0;
  },
});

/**
 * Each script passes the typed line to `polycrate complete` and shows its output; neither is evaluated. The first line of
 * the output is the kind of completion: words, or the shell's own completion of files or folders.
 */
const scripts: Readonly<Record<string, string>> = {
  bash: `# polycrate completion for bash 3.2 and later: eval "$(polycrate completion bash)"
_polycrate() {
  local kind= line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <(command polycrate complete bash -- "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" "\${COMP_TYPE-}" "\${COLUMNS-}" 2>/dev/null)
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o nosort -F _polycrate polycrate 2>/dev/null || complete -F _polycrate polycrate
`,
  zsh: `#compdef polycrate
# polycrate completion for zsh, after compinit: eval "$(polycrate completion zsh)"; or as _polycrate in a folder of $fpath
_polycrate() {
  local -a answer open
  answer=("\${(@f)$(command polycrate complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  case $answer[1] in
    words)
      shift answer
      open=("\${(@M)answer:#*=}" "\${(@M)answer:#*=:*}")
      answer=("\${(@)answer:#*=}")
      answer=("\${(@)answer:#*=:*}")
      (( $#answer )) && _describe -V 'polycrate' answer
      (( $#open )) && _describe -V 'polycrate' open -S ''
      ;;
    files) compset -P '--*='; _files ;;
    folders) compset -P '--*='; _files -/ ;;
  esac
}
if [[ $funcstack[1] == _polycrate ]]; then
  _polycrate "$@"
else
  compdef _polycrate polycrate
fi
`,
  fish: `# polycrate completion for fish: polycrate completion fish > ~/.config/fish/completions/polycrate.fish
function __polycrate_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (command polycrate complete fish -- $words[2..-1] "$current" 2>/dev/null)
    set -l flag (string match -r -- '^--[^=]*=' "$current"; or echo)
    set -l path (string replace -- "$flag" '' "$current")
    switch "$answer[1]"
        case words
            printf '%s\\n' $answer[2..-1]
        case files
            printf '%s\\n' $flag(__fish_complete_path "$path")
        case folders
            printf '%s\\n' $flag(__fish_complete_directories "$path")
    end
end
complete -c polycrate -f -k -a '(__polycrate_complete)'
`,
};
