import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./readme.ts";

/** A page that has a release, gone after the test. */
export type ReleasePage = AsyncDisposable & { readonly url: string };

/** Serves a release for Linux on x64 and arm64, whose executable is this shell script; the archives are made in the folder. */
export async function serveRelease(folder: string, script: string): Promise<ReleasePage> {
  const page = join(folder, "page");
  mkdirSync(page);
  writeFileSync(join(page, "polycrate"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(page, "install.sh"), await Bun.file(join(root, "scripts/install.sh")).text());
  const archives = ["x64", "x64-musl", "arm64", "arm64-musl"].map((name) => `polycrate-linux-${name}.tar.gz`);
  for (const archive of archives) Bun.spawnSync(["tar", "-czf", archive, "polycrate"], { cwd: page });
  const { stdout } = Bun.spawnSync(["sha256sum", ...archives], { cwd: page });
  writeFileSync(join(page, "SHA256SUMS"), stdout);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => new Response(Bun.file(join(page, new URL(url).pathname))),
  });
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}
