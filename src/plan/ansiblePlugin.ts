/** The folder of `ansiblePlugin` beside the run's other files. */
export const pluginFolder = "ansible";

/**
 * A vars plugin that sets nothing: Ansible loads it before it looks at variables, and it takes the names of the snapshot's
 * roots out of those that Ansible warns of. They stay extra vars, which win over all others. ansible-core 2.14 to 2.19
 * keep the names in that place; where another does not, it warns as it would without the plugin.
 */
export const ansiblePlugin = {
  path: `${pluginFolder}/polycrate_reserved.py`,
  content: `"""Keeps Ansible from warning that the names of polycrate's variables are reserved."""

import ansible.vars.reserved as reserved
from ansible.plugins.vars import BaseVarsPlugin

DOCUMENTATION = """
    name: polycrate_reserved
    short_description: no warnings about the names of polycrate's variables
    description: [Sets no variables.]
"""

ROOTS = {"workspace", "block", "action", "workflow", "step", "transaction", "env", "mounts"}
NAMES = getattr(reserved, "_RESERVED_NAMES", None)
if isinstance(NAMES, frozenset):
    reserved._RESERVED_NAMES = NAMES - ROOTS


class VarsModule(BaseVarsPlugin):
    """Sets nothing."""

    REQUIRES_ENABLED = True

    def get_vars(self, loader, path, entities):
        return {}
`,
};
