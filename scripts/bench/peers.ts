import type { Bench, SectionPlan } from "./section.ts";
export async function planPeers(_bench: Bench): Promise<SectionPlan> {
  return { subjects: [], section: () => ({ title: "peers", rows: [] }) };
}
