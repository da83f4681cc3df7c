import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Every polycrate that a test starts keeps its cache of parsed files here, so that nothing is left in the caller's.
const cache = mkdtempSync(join(tmpdir(), "polycrate-test-cache-"));
process.env.XDG_CACHE_HOME = cache;
afterAll(() => rmSync(cache, { recursive: true, force: true, maxRetries: 20 }));

// Nobody is asked whether to trust a workspace, but in the tests of that.
process.env.POLYCRATE_TRUST = "1";

// Runs keep their files in the workspace, where tests find them, unless a test gives them a runtime folder.
delete process.env.XDG_RUNTIME_DIR;
