import { blockSchema } from "./schema/block.ts";
import { secretsSchema } from "./schema/secrets.ts";
import { workspaceSchema } from "./schema/workspace.ts";

/** The kind of a `.poly` file. */
export type PolyKind = keyof typeof polySchemas;

/** The schema of each kind of file. */
export const polySchemas = { workspace: workspaceSchema, block: blockSchema, secrets: secretsSchema };
