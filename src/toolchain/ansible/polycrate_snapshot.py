"""Gives every play the snapshot of its action, as `polycrate run` gives it to a playbook action by --extra-vars."""

import inspect
import os

from ansible.plugins.vars import BaseVarsPlugin

DOCUMENTATION = """
    name: polycrate_snapshot
    short_description: the snapshot of polycrate as variables
    description:
      - Reads the file that POLYCRATE_SNAPSHOT_FILE names, and sets C(workspace), C(block), C(action) and its other roots for all hosts.
      - Variables of the inventory take precedence.
    options:
      stage:
        description: When the variables are read; C(all) also serves hosts that no inventory file names.
        default: all
        choices: [all, inventory, task]
        env:
          - name: ANSIBLE_VARS_PLUGIN_STAGE
"""


class VarsModule(BaseVarsPlugin):
    """Sets the snapshot's roots for the group `all`."""

    REQUIRES_ENABLED = False

    def get_vars(self, loader, path, entities):
        super().get_vars(loader, path, entities)
        snapshot = os.environ.get("POLYCRATE_SNAPSHOT_FILE", "")
        if not snapshot or not os.path.exists(snapshot):
            return {}
        if not any(getattr(entity, "name", None) == "all" for entity in entities):
            return {}
        return load(loader, snapshot)


def load(loader, snapshot):
    """Reads the file as Ansible reads the one of --extra-vars; ansible-core 2.19 requires a mark that it may have templates."""
    options = {"unsafe": True}
    if "trusted_as_template" in inspect.signature(loader.load_from_file).parameters:
        options["trusted_as_template"] = True
    else:
        options = {}
    return loader.load_from_file(snapshot, **options) or {}
