import * as v from "valibot";
import { container } from "./container.ts";
import { freeForm, maybe, preset, text } from "./values.ts";

const imageReference = v.union(
  [
    text,
    v.looseObject({
      reference: v.pipe(text, v.description("The image without its tag.")),
      version: v.pipe(maybe(text), v.description("Its tag.")),
    }),
  ],
  "expected an image reference, or `{reference, version}`",
);

/** `config` in `workspace.poly`. */
export const workspaceConfig = v.looseObject(
  {
    container: v.pipe(preset(container, {}), v.description("The container that actions run in.")),
    image: v.pipe(
      maybe(imageReference),
      v.description("Older form of `container.image`; also `{reference, version}`."),
    ),
    dockerfile: v.pipe(maybe(text), v.description("Older form of `container.dockerfile`.")),
    blocksroot: v.pipe(preset(text, "blocks"), v.description("The folder of installed blocks.")),
    blocksconfig: v.pipe(
      preset(text, "block.poly"),
      v.description("The name of the file that defines a block."),
    ),
    artifactsroot: v.pipe(
      preset(text, "artifacts"),
      v.description("The folder of the artifacts of actions."),
    ),
    logsroot: v.pipe(preset(text, ".logs"), v.description("The folder of transaction records and logs.")),
    containerroot: v.pipe(
      preset(text, "/workspace"),
      v.description("The workspace's path in the container."),
    ),
    sshprivatekey: v.pipe(
      preset(text, "id_rsa"),
      v.description(
        "The private ssh key, relative to the workspace; a key outside of it requires an absolute path.",
      ),
    ),
    sshpublickey: v.pipe(
      maybe(text),
      v.description("The public ssh key. Default: the path of the private key with `.pub`."),
    ),
    globals: v.pipe(maybe(freeForm), v.description("Free-form values for every action.")),
  },
  "expected a mapping",
);

/** `config` in `workspace.poly` when the file does not set it. */
export const defaultConfig: v.InferOutput<typeof workspaceConfig> = v.parse(workspaceConfig, {});

/** The keys of `config` in `workspace.poly` that polycrate reads. */
export const workspaceConfigKeys: readonly string[] = Object.keys(workspaceConfig.entries);
