import { memberAt, readJson } from "../host/json.ts";

/** The registries in docker's configuration, and its credential helpers. No secret is read. */
export type Logins = { readonly registries: readonly string[]; readonly helpers: readonly string[] };

/** Returns the logins in docker's `config.json`; none when it is missing or not JSON. */
export function readLogins(path: string): Logins {
  const config = readJson(path);
  const perRegistry = entriesAt(config, "credHelpers");
  const registries = [...entriesAt(config, "auths"), ...perRegistry].map(([name]) => name);
  const helpers = [memberAt(config, "credsStore"), ...perRegistry.map(([, helper]) => helper)];
  return {
    registries: [...new Set(registries)],
    helpers: [...new Set(helpers)].filter((name) => typeof name === "string").filter((name) => name !== ""),
  };
}

function entriesAt(value: unknown, key: string): readonly (readonly [string, unknown])[] {
  const found = memberAt(value, key);
  return typeof found === "object" && found !== null ? Object.entries(found) : [];
}
