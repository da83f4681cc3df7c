import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A registry that has the packages of a release, and nothing else. */
export type NpmRegistry = AsyncDisposable & { readonly url: string };

/** Serves the `.tgz` files of a folder as npm's registry would. */
export function serveNpmRegistry(folder: string): NpmRegistry {
  const archives = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const documents = new Map(archives.map((file) => documentOf(join(folder, file), file)));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ url }) => {
      const { pathname, origin } = new URL(url);
      const file = archives.find((one) => pathname === `/archives/${one}`);
      if (file !== undefined) return new Response(Bun.file(join(folder, file)));
      const document = documents.get(decodeURIComponent(pathname.slice(1)));
      if (document === undefined) return Response.json({ error: "not found" }, { status: 404 });
      return Response.json(document(origin));
    },
  });
  return { url: `http://127.0.0.1:${server.port}/`, [Symbol.asyncDispose]: () => server.stop(true) };
}

type NpmDocument = (origin: string) => object;

function documentOf(path: string, file: string): [string, NpmDocument] {
  const { stdout } = Bun.spawnSync(["tar", "-xzOf", path, "package/package.json"]);
  const manifest: { readonly name: string; readonly version: string } = JSON.parse(stdout.toString());
  const { name, version } = manifest;
  const integrity = `sha512-${new Bun.CryptoHasher("sha512").update(readFileSync(path)).digest("base64")}`;
  const document = (origin: string) => ({
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball: `${origin}/archives/${file}`, integrity } } },
  });
  return [name, document];
}
