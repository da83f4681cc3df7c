import { expect, test } from "bun:test";
import { chooseImage } from "../../../src/image/imageSource.ts";
import { loadWorkspace } from "../../../src/workspace/load.ts";
import { messageOf } from "../../support/fakes.ts";
import { makeFolder } from "../../support/harness.ts";

test.each([
  ["container: {image: '-v=/:/host'}", "2:29"],
  ["image: --privileged", "2:17"],
])("with {%s} an image is not a flag of docker", (config, place) => {
  using folder = makeFolder({ "workspace.poly": `name: test\nconfig: {${config}}\n` });
  const workspace = loadWorkspace({ named: folder.path });
  const choice = { image: undefined, dockerfile: undefined, here: folder.path };
  expect(messageOf(() => chooseImage(workspace, choice))).toMatch(
    new RegExp(`^65: workspace.poly:${place}: \`-.+\` is not a valid image reference$`),
  );
});
