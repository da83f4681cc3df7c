import adoptAnsible from "./adopt-ansible.sh" with { type: "text" };
import ansibleConfig from "./ansible/ansible.cfg" with { type: "text" };
import inventory from "./ansible/hosts" with { type: "text" };
import varsPlugin from "./ansible/polycrate_snapshot.py" with { type: "text" };
import apk from "./apk.sh" with { type: "text" };
import check from "./check.sh" with { type: "text" };
import contents from "./contents.tsv" with { type: "text" };
import dockerfile from "./Dockerfile" with { type: "text" };
import downloads from "./downloads.tsv" with { type: "text" };
import fetchDownload from "./fetch.sh" with { type: "text" };
import sortDownloads from "./sort-downloads.sh" with { type: "text" };

/** A file of the toolchain's build context. */
export type ToolchainFile = { readonly path: string; readonly mode: number; readonly content: string };

/** The build context of the toolchain image, which is embedded in the executable, sorted by path. */
export const toolchainFiles: readonly ToolchainFile[] = [
  { path: "Dockerfile", mode: 0o644, content: dockerfile },
  { path: "adopt-ansible.sh", mode: 0o644, content: adoptAnsible },
  { path: "ansible/ansible.cfg", mode: 0o644, content: ansibleConfig },
  { path: "ansible/hosts", mode: 0o644, content: inventory },
  { path: "ansible/polycrate_snapshot.py", mode: 0o644, content: varsPlugin },
  { path: "apk.sh", mode: 0o755, content: apk },
  { path: "check.sh", mode: 0o755, content: check },
  { path: "contents.tsv", mode: 0o644, content: contents },
  { path: "downloads.tsv", mode: 0o644, content: downloads },
  { path: "fetch.sh", mode: 0o644, content: fetchDownload },
  { path: "sort-downloads.sh", mode: 0o644, content: sortDownloads },
];

export { contents as contentsTable, dockerfile as toolchainDockerfile, downloads as downloadsTable };
