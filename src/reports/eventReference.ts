import * as v from "valibot";
import { eventSchema, headKeys } from "./eventSchema.ts";

/** Returns a row for each type of event: its name, what it means, and its own keys. */
export function eventRows(): readonly (readonly [type: string, meaning: string, keys: readonly string[]])[] {
  return eventSchema.options.map((option) => [
    option.entries.type.literal,
    v.getDescription(option) ?? "",
    Object.keys(option.entries).filter((key) => key !== "type" && !headKeys.includes(key)),
  ]);
}
