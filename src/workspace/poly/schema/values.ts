import * as v from "valibot";
import type { YamlNumber } from "../../../yaml/value.ts";

/** A number as the YAML reader returns it. */
export const yamlNumber = v.custom<YamlNumber>(
  (input) => typeof input === "object" && input !== null && "digits" in input && "source" in input,
);

/** Text; a plain number counts as the characters it is written with, so `version: 1.10` is the text `1.10`. */
export const text = v.pipe(
  v.union([v.string(), yamlNumber], "expected text"),
  v.transform((input) => (typeof input === "string" ? input : input.source)),
);

/** A scalar as text: `true` is the word `true`. */
export const scalarText = v.pipe(
  v.union([text, v.boolean()], "expected text"),
  v.transform((input) => String(input)),
);

/** A boolean; the Go program accepted the words of YAML 1.1 as well. */
export const flag = v.pipe(
  v.union(
    [v.boolean(), v.picklist(["yes", "no", "on", "off", "Yes", "No", "On", "Off", "YES", "NO", "ON", "OFF"])],
    "expected `true` or `false`",
  ),
  v.transform((input) => (typeof input === "boolean" ? input : /^(yes|on)$/i.test(input))),
);

/** A whole number of seconds. */
export const wholeSeconds = v.pipe(
  v.custom<YamlNumber>(
    (input) => v.is(yamlNumber, input) && /^[0-9]{1,9}$/.test(input.digits),
    "expected a whole number of seconds",
  ),
  v.metadata({ type: "integer", minimum: 0, maximum: 999_999_999 }),
  v.transform((input) => Number(input.digits)),
);

/** A whole number from 0 to 99. */
export const wholeNumberBelow100 = v.pipe(
  v.custom<YamlNumber>(
    (input) => v.is(yamlNumber, input) && /^[0-9]{1,2}$/.test(input.digits),
    "expected a whole number from 0 to 99",
  ),
  v.metadata({ type: "integer", minimum: 0, maximum: 99 }),
  v.transform((input) => Number(input.digits)),
);

/** Seconds, or `90s`, `5m`, `1h30m`; becomes seconds. */
export const duration = v.pipe(
  text,
  v.regex(
    /^(?:\d{1,9}|(?=\d)(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,9}s)?)$/,
    "expected a duration like `90`, `90s`, `5m` or `1h30m`",
  ),
  v.metadata({ minimum: 0, multipleOf: 1 }),
  v.transform((input) => {
    if (/^\d+$/.test(input)) return Number(input);
    const [, hours = "0", minutes = "0", seconds = "0"] =
      /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(input) ?? [];
    return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  }),
);

/** Returns the seconds of a duration on a command line; undefined when it is not valid. */
export function readDuration(written: string): number | undefined {
  const { success, output } = v.safeParse(duration, written);
  return success && typeof output === "number" ? output : undefined;
}

/** Anything: polycrate does not read it. */
export const freeForm = v.unknown();

/** A list; `expected` is the message for anything else. */
export const list = <const Item extends v.GenericSchema>(item: Item, expected: string) =>
  v.array(item, expected);

/** A key that may be missing or empty. */
export const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema);

/** A key with a default, which also applies when the key is empty. */
export const preset = <const Schema extends v.GenericSchema, const Value extends v.InferInput<Schema>>(
  schema: Schema,
  value: Value,
) => v.nullish(schema, value);

/** Labels: names and text. */
export const labels = v.record(
  v.string(),
  v.nullable(v.union([text, v.boolean()], "expected text")),
  "expected a mapping of labels",
);

/** A question to the user. */
export const prompt = v.looseObject(
  {
    message: v.pipe(maybe(text), v.description("The question; the answer `y` continues.")),
  },
  "expected a mapping with `message`",
);
