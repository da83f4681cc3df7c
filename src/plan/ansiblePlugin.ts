/** The folder of `ansiblePlugin` among the run's files. */
export const pluginFolder = "ansible";

/**
 * A vars plugin that sets no variables. Ansible loads it before it checks variable names, and it removes the snapshot's roots
 * from the names that Ansible warns about. They stay extra vars, which override all others. ansible-core 2.14 to 2.19 keep
 * the reserved names in that attribute; another version warns as it would without the plugin.
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
