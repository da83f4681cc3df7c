/** What a playbook did on a host, as Ansible counts it in its recap. */
export type HostRecap = { readonly host: string } & { readonly [Key in RecapKey]: number };

export type RecapKey = (typeof recapKeys)[number];

/** The counts of a recap, in Ansible's order. */
export const recapKeys = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"] as const;
