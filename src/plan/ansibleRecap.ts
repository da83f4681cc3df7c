import { filesInContainer, recapInContainer } from "./runPaths.ts";

/** A folder of its own: Ansible looks for plugins of a kind in folders below, too. */
const callbackFolder = "ansible-callbacks";

/**
 * A callback plugin that appends what a playbook did on each host to a file, a line of JSON for each playbook. It is of the
 * type that runs beside others, and is enabled by being found (ansible-core 2.14 to 2.19).
 */
export const recapPlugin = {
  path: `${callbackFolder}/polycrate_recap.py`,
  content: `"""Writes the recap of a playbook for polycrate's record, and prints nothing."""

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: polycrate_recap
    type: aggregate
    short_description: the recap for polycrate's record
    description: [Appends what was done on each host to a file.]
"""


class CallbackModule(CallbackBase):
    """Prints nothing, and fails nothing."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "polycrate_recap"

    def v2_playbook_on_stats(self, stats):
        try:
            hosts = {str(host): stats.summarize(host) for host in stats.processed}
            with open("${recapInContainer}", "a") as file:
                file.write(json.dumps(hosts) + "\\n")
        except Exception:
            pass
`,
};

/**
 * Has Ansible find the plugin beside those of its configuration: a variable takes the place of `callback_plugins` in a file, so
 * what the file says becomes part of the variable. The file is looked for as Ansible does, which passes over one in a folder
 * that all may write. Paths in it are relative to its folder.
 */
export const recapSettings = {
  path: "ansible-callbacks.sh",
  content: `__polycrate_callbacks() (
  set +eu -f
  for file in "\${ANSIBLE_CONFIG:-}" "\${ANSIBLE_CONFIG:+$ANSIBLE_CONFIG/ansible.cfg}" ./ansible.cfg "\${HOME-}/.ansible.cfg" /etc/ansible/ansible.cfg; do
    [ -f "$file" ] && [ -r "$file" ] || continue
    if [ "$file" = ./ansible.cfg ]; then
      case $(ls -ld .) in ????????w*) continue ;; esac
    fi
    plugins=$(sed -n '/^\\[defaults\\]/,/^\\[/s/^callback_plugins[[:space:]]*[=:][[:space:]]*//p' "$file" | sed 's/[[:space:]]*;.*//; 1q')
    folder=$(cd "\${file%/*}" && pwd)
    IFS=:
    for plugin in $plugins; do
      case $plugin in
      "" | /* | "~"* | "$"* | "{"*) ;;
      *) plugin=$folder/$plugin ;;
      esac
      printf '%s:' "$plugin"
    done
    break
  done
)
if [ -z "\${ANSIBLE_CALLBACK_PLUGINS-}" ]; then
  ANSIBLE_CALLBACK_PLUGINS=$(__polycrate_callbacks)
fi
export ANSIBLE_CALLBACK_PLUGINS="${filesInContainer}/${callbackFolder}:\${ANSIBLE_CALLBACK_PLUGINS:-\${ANSIBLE_HOME:-~/.ansible}/plugins/callback:/usr/share/ansible/plugins/callback}"
unset -f __polycrate_callbacks
`,
};

/** The line of a playbook's script that reads these settings. */
export const recapLine = `. ${filesInContainer}/${recapSettings.path}`;
