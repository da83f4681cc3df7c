import type { Bench, SectionPlan } from "./section.ts";
export async function planPeers(_bench: Bench): Promise<SectionPlan> {
  return { turns: [], section: () => ({ title: "peers", rows: [] }) };
}
