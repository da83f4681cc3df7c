import { parsePolyFile } from "../../workspace/poly/polyFile.ts";
import { defaultImage } from "../../workspace/poly/schema/container.ts";
import type { YamlValue } from "../../yaml/value.ts";
import { writeYaml } from "../../yaml/write.ts";
import { toolchainReference } from "../toolchainReference.ts";

/** A file that is created unless it exists; its path is relative to the workspace. */
export type TemplateFile = { readonly path: string; readonly content: string };

/** The options of a new workspace. */
export type InitOptions = {
  readonly name: string;
  /** The image to run in, or to build from; undefined for the default. */
  readonly image: string | undefined;
  readonly dockerfile: boolean;
  readonly sshKey: boolean;
};

/** The private key that `init` creates; older workspaces use the name `id_rsa`. */
export const newKeyName = "id_ed25519";

/** The folder of the schemas that editors check `.poly` files with. Not in `.polycrate`, because it is committed. */
export const schemaFolder = ".schema";

/** The paths that must not be committed: secrets, and what polycrate writes. */
export const ignoredPaths: readonly string[] = [
  "/.polycrate/",
  "/.snapshot.yml",
  "/.logs/",
  "/secrets.poly",
  "/artifacts/*",
  "!/artifacts/secrets/",
  "/artifacts/secrets/**",
  "!/artifacts/secrets/**/",
  "!/artifacts/secrets/**/*.age",
  "id_rsa",
  "id_ed25519",
  "*.pem",
  "*.key",
  "kubeconfig",
  "kubeconfig.yml",
  "*.kubeconfig",
];

/** Returns the files of a small workspace with one block whose action can be run. */
export function workspaceFiles(options: InitOptions): readonly TemplateFile[] {
  return [
    { path: "workspace.poly", content: workspaceText(options) },
    { path: "blocks/hello/block.poly", content: newBlock("hello", "../..") },
    ...(options.dockerfile ? [{ path: "Dockerfile.poly", content: dockerfileText(options.image) }] : []),
    { path: ".gitignore", content: `${ignoredPaths.join("\n")}\n` },
  ];
}

/** Returns the JSON Schemas of `.poly` files, in the workspace so that editors need no network. */
export async function schemaFiles(): Promise<readonly TemplateFile[]> {
  const { jsonSchemaOf } = await import("../../workspace/poly/jsonSchema.ts");
  const kinds = ["workspace", "block", "secrets"] as const;
  return kinds.map((kind) => ({
    path: `${schemaFolder}/${kind}.json`,
    content: `${JSON.stringify(jsonSchemaOf(kind), undefined, 2)}\n`,
  }));
}

/** True for a valid name of a workspace. */
export function isWorkspaceName(name: string): boolean {
  return (
    parsePolyFile("workspace", "workspace.poly", writeYaml(new Map([["name", name]]))).problems.length === 0
  );
}

function workspaceText({ name, image, dockerfile, sshKey }: InitOptions): string {
  const container = new Map<string, YamlValue>();
  if (image !== undefined && !dockerfile) container.set("image", image);
  container.set("env", new Map([["GREETING", "Hello"]]));
  const config = new Map<string, YamlValue>([["container", container]]);
  if (sshKey) config.set("sshprivatekey", newKeyName);
  return `${schemaLine("workspace", ".")}${writeYaml(
    new Map<string, YamlValue>([
      ["name", name],
      ["config", config],
    ]),
  )}`;
}

/** Returns a `block.poly` with a first action; `up` is the path from its folder to the workspace. */
export function newBlock(name: string, up: string | undefined): string {
  const head = up === undefined ? "" : schemaLine("block", up);
  return `${head}${writeYaml(new Map([["name", name]]))}
actions:
  - name: greet
    description: Say hello and print the working directory
    script:
      - echo "\${GREETING:-Hello} from $POLYCRATE_BLOCK_NAME in $POLYCRATE_WORKSPACE_NAME"
      - echo "this is $PWD in the container; files in $POLYCRATE_BLOCK_ARTIFACTS are kept"
`;
}

/** Returns a `block.poly` that inherits; `actions` are those of its parent. */
export function derivedBlock(
  name: string,
  from: string,
  up: string | undefined,
  actions: readonly string[],
): string {
  const head = up === undefined ? "" : schemaLine("block", up);
  const inherited = actions.length === 0 ? "" : `# Inherited actions: ${actions.join(", ")}\n`;
  return `${head}${writeYaml(
    new Map([
      ["name", name],
      ["from", from],
    ]),
  )}
# Values here override those of the parent: configuration key by key, actions by name.
${inherited}config: {}
`;
}

function schemaLine(kind: "workspace" | "block", up: string): string {
  return `# yaml-language-server: $schema=${up}/${schemaFolder}/${kind}.json\n`;
}

function dockerfileText(image: string | undefined): string {
  return `# The image that the actions of this workspace run in. It is built before the first run, and again when this file or a
# file that it copies has changed.
${image === undefined ? toolchainText : ""}FROM ${image ?? defaultImage}

# Add what your actions need, for example:
# RUN apt-get update \\
#  && apt-get install --yes --no-install-recommends ansible curl jq \\
#  && rm -rf /var/lib/apt/lists/*
`;
}

const toolchainText = `#
# The official image contains Ansible, Terraform, kubectl, helm and the command line tools of cloud providers. To use an
# image that you built with \`polycrate toolchain build\`, change the next line to \`FROM ${toolchainReference}\`.
`;
