import { exitCodes, PolycrateError } from "../errors.ts";
import { inParallel } from "../registry/inParallel.ts";
import { fetchSecret, managerOf, readManagers } from "../secrets/managers.ts";
import { assertFits, type Variable } from "../workspace/environment.ts";
import type { Workspace } from "../workspace/load.ts";

/** The secrets that were fetched for a workspace, by their references: each is fetched once for all steps of a workflow. */
const fetched = new WeakMap<Workspace, Map<string, Promise<string>>>();

/** Managers ask a server, or the user; more at once do not make them faster. */
const mostAtOnce = 8;

/** Returns the variables with the values of those that come from a manager. Throws (65) when one cannot be fetched. */
export async function withManagedSecrets(
  workspace: Workspace,
  variables: readonly Variable[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly Variable[]> {
  const references = [...new Set(variables.flatMap((variable) => managerOfVariable(variable) ?? []))];
  if (references.length === 0) return variables;
  const known = fetched.get(workspace) ?? new Map<string, Promise<string>>();
  fetched.set(workspace, known);
  const missing = references.filter((reference) => !known.has(reference));
  if (missing.length > 0) {
    const managers = readManagers(environment, process.getuid?.() ?? 0);
    // All are known to be configured before the first is asked.
    const requests = missing.map((reference) => ({ reference, manager: managerOf(managers, reference) }));
    await inParallel(requests, mostAtOnce, async ({ reference, manager }) => {
      const value = fetchSecret(manager, reference, environment);
      known.set(reference, value);
      // One that failed is asked again by the next step.
      value.catch(() => known.delete(reference));
      await value;
    });
  }
  return Promise.all(
    variables.map(async (variable) => {
      const reference = managerOfVariable(variable);
      const value = reference === undefined ? undefined : await known.get(reference);
      return value === undefined ? variable : assertFits({ ...variable, value }, failOn(variable));
    }),
  );
}

function managerOfVariable({ secret }: Variable): string | undefined {
  return secret !== undefined && "manager" in secret ? secret.manager : undefined;
}

function failOn({ name }: Variable) {
  return (message: string, hint: string): never => {
    throw new PolycrateError(`\`${name}\`: ${message}`, { hint, exitCode: exitCodes.invalidWorkspace });
  };
}
