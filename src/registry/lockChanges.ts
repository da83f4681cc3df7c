import type { Lock, LockKind } from "./lock.ts";

/** How an entry of a lock file differs from another lock; a digest is undefined where it is not locked. */
export type LockChange = {
  readonly kind: LockKind;
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** Returns what is added, moved and removed between two locks, by kind and name. */
export function lockChanges(before: Lock, after: Lock): readonly LockChange[] {
  const key = ({ kind, name }: Lock[number]) => `${kind} ${name}`;
  const old = new Map(before.map((entry) => [key(entry), entry]));
  const now = new Map(after.map((entry) => [key(entry), entry]));
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((one) => {
    const [was, is] = [old.get(one), now.get(one)];
    const entry = is ?? was;
    if (entry === undefined || was?.digest === is?.digest) return [];
    return [{ kind: entry.kind, name: entry.name, before: was?.digest, after: is?.digest }];
  });
}
