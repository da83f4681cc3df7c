import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { createFolder, moveFolder, placeFolder } from "../../../src/host/placeFolder.ts";
import { makeFolder } from "../../support/harness.ts";

const content = (text: string) => ({
  folders: ["empty"],
  files: [{ path: "a/b", content: text, mode: 0o644 }],
  links: [{ path: "a/link", target: "b" }],
});

test("a new folder comes to its place with the folders above it, and the old one to where the new one was", async () => {
  using folder = makeFolder({});
  createFolder(folder.path, "made/1", content("one"));
  await placeFolder(folder.path, "made/1", "deep/in/place");
  expect(folder.read("deep/in/place/a/b")).toBe("one");
  createFolder(folder.path, "made/2", content("two"));
  await placeFolder(folder.path, "made/2", "deep/in/place");
  expect([folder.read("deep/in/place/a/link"), folder.read("made/2/a/b")]).toEqual(["two", "one"]);
});

test("while a folder is replaced again and again, whoever looks finds the old one or the new one", async () => {
  using folder = makeFolder({ "place/a": "0", "place/b": "0" });
  const reader = Bun.spawn(
    ["sh", "-c", "while [ ! -e stop ]; do [ -e place ] || { echo missing; exit 1; }; done"],
    { cwd: folder.path, stdio: ["ignore", "pipe", "inherit"] },
  );
  for (let round = 1; round <= 200; round += 1) {
    const file = (path: string) => ({ path, content: String(round), mode: 0o644 });
    createFolder(folder.path, `made/${round}`, { folders: [], files: [file("a"), file("b")], links: [] });
    await placeFolder(folder.path, `made/${round}`, "place");
    expect([folder.read("place/a"), folder.read("place/b")]).toEqual([String(round), String(round)]);
  }
  folder.write("stop", "");
  expect(await new Response(reader.stdout).text()).toBe("");
});

test("a link or a file in the place is an error, and stays", async () => {
  using folder = makeFolder({ "made/a": "1", "other/x": "1", file: "1" });
  symlinkSync("other", `${folder.path}/link`);
  for (const place of ["link", "file", "link/inside"]) {
    await expect(placeFolder(folder.path, "made", place)).rejects.toMatchObject({ exitCode: 73 });
  }
  expect(folder.glob("{made,other}/**")).toEqual(["made/a", "other/x"]);
});

test("a folder is moved away, and one that is not there is no error", () => {
  using folder = makeFolder({ "a/b/c": "1" });
  expect(moveFolder(folder.path, "a/b", "x/y")).toBe(true);
  expect(folder.read("x/y/c")).toBe("1");
  expect(moveFolder(folder.path, "a/b", "x/z")).toBe(false);
  expect(moveFolder(folder.path, "nothing/b", "x/z")).toBe(false);
});
