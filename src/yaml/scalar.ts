import { isYamlNumber, type YamlKey, type YamlNumber, type YamlScalar } from "./value.ts";

/**
 * Returns the value of an unquoted scalar by the rules of Go's yaml.v3, for which existing workspaces were written: octal `0644`, `1_000` and
 * `0b11` are numbers; `yes` and `on`, times and dates are strings.
 */
export function plainScalar(source: string): YamlScalar {
  const constant = constants.get(source);
  if (constant !== undefined) return constant;
  return startsLikeANumber.test(source) ? (numberIn(source) ?? source) : source;
}

/** Returns the value of a scalar with an explicit tag, or why the tag does not match it; `tag` is the full tag. */
export function taggedScalar(
  tag: string,
  source: string,
): { readonly value: YamlScalar } | { readonly message: string; readonly hint: string } {
  const name = shortTag(tag);
  const plain = plainScalar(source);
  switch (name) {
    case "!":
      return { value: plain };
    case "!!str":
    case "!!timestamp":
      return { value: source };
    case "!!binary":
      return binaryScalar(source);
    case "!!null":
      if (plain === null) return { value: plain };
      break;
    case "!!bool":
      if (typeof plain === "boolean") return { value: plain };
      break;
    case "!!int":
      if (isYamlNumber(plain) && isInteger(plain)) return { value: plain };
      break;
    case "!!float":
      if (isYamlNumber(plain)) return { value: asFloat(plain) };
      break;
    default:
      return unknownTag(tag);
  }
  return {
    message: `\`${source}\` does not match its tag \`${name}\``,
    hint: "remove the tag, or correct the value",
  };
}

/** Returns the problem of a tag that polycrate does not know. */
export function unknownTag(tag: string): { readonly message: string; readonly hint: string } {
  return {
    message: `unknown tag \`${shortTag(tag)}\``,
    hint: "remove the tag, or quote the value if `!` is part of it",
  };
}

/** Returns the map key of a scalar: integers stay exact, a float becomes the nearest JavaScript number. */
export function scalarKey(scalar: YamlScalar): YamlKey {
  if (!isYamlNumber(scalar)) return scalar;
  const number = infinities.get(scalar.digits) ?? Number(scalar.digits);
  return isInteger(scalar) && !Number.isSafeInteger(number) ? BigInt(scalar.digits) : number;
}

const constants = new Map<string, YamlScalar>([
  ...["", "~", "null", "Null", "NULL"].map((source) => [source, null] as const),
  ...["true", "True", "TRUE"].map((source) => [source, true] as const),
  ...["false", "False", "FALSE"].map((source) => [source, false] as const),
  ...specialFloats(".inf", ["", "+"], ["inf", "Inf", "INF"]),
  ...specialFloats("-.inf", ["-"], ["inf", "Inf", "INF"]),
  ...specialFloats(".nan", [""], ["nan", "NaN", "NAN"]),
]);

function specialFloats(digits: string, signs: readonly string[], names: readonly string[]) {
  return signs.flatMap((sign) =>
    names.map((name) => [`${sign}.${name}`, { digits, source: `${sign}.${name}` }] as const),
  );
}

const infinities = new Map([
  [".inf", Number.POSITIVE_INFINITY],
  ["-.inf", Number.NEGATIVE_INFINITY],
  [".nan", Number.NaN],
]);

const startsLikeANumber = /^[-+.0-9]/;
const decimalInteger = /^[-+]?(?:0|[1-9][0-9]*)$/;
const prefixedInteger = /^([-+]?)0(?:([xX])([0-9a-fA-F]+)|([bB])([01]+)|[oO]?([0-7]+))$/;
const float = /^([-+]?)(?=\.?[0-9])([0-9]*)(?:(\.)([0-9]*))?(?:[eE]([-+]?)([0-9]+))?$/;

/** Go ignores all underscores, but after a leading point only those between digits. */
const strayUnderscore = /^(?=\.).*(?:_(?![0-9])|[^0-9]_)/;

function numberIn(source: string): YamlNumber | undefined {
  if (strayUnderscore.test(source)) return undefined;
  const plain = source.replaceAll("_", "");
  if (decimalInteger.test(plain)) return { digits: withoutPlus(plain === "-0" ? "0" : plain), source };
  const digits = prefixedDigits(plain) ?? floatDigits(plain);
  return digits === undefined ? undefined : { digits, source };
}

const withoutPlus = (number: string): string => (number.startsWith("+") ? number.slice(1) : number);

/** Decimal digits of a binary, octal or hexadecimal integer, within the 64 bits that Go gives it. */
function prefixedDigits(plain: string): string | undefined {
  const match = prefixedInteger.exec(plain);
  if (!match) return undefined;
  const [, sign, hexadecimal, hexDigits, binary, binaryDigits, octalDigits] = match;
  const magnitude = hexadecimal
    ? BigInt(`0x${hexDigits}`)
    : binary
      ? BigInt(`0b${binaryDigits}`)
      : BigInt(`0o${octalDigits}`);
  const limit = { "-": 2n ** 63n, "+": 2n ** 63n - 1n, "": 2n ** 64n - 1n }[
    sign === "-" || sign === "+" ? sign : ""
  ];
  if (magnitude > limit) return undefined;
  return String(sign === "-" ? -magnitude : magnitude);
}

/**
 * The digits of a float in the only form that YAML 1.1 and 1.2 readers agree on: a digit on both sides of the point, a
 * signed exponent only after a point.
 */
function floatDigits(plain: string): string | undefined {
  const match = float.exec(plain);
  if (!match || !Number.isFinite(Number(plain))) return undefined;
  const [, sign, integer, point, fraction, exponentSign, exponent] = match;
  const digits = `${sign === "-" ? "-" : ""}${integer?.replace(/^0+/, "") || "0"}`;
  if (!point && exponent === undefined) return digits;
  return `${digits}.${fraction || "0"}${exponent === undefined ? "" : `e${exponentSign || "+"}${exponent}`}`;
}

const isInteger = (number: YamlNumber): boolean => /^-?[0-9]+$/.test(number.digits);

const asFloat = (number: YamlNumber): YamlNumber =>
  isInteger(number) ? { ...number, digits: `${number.digits}.0` } : number;

const shortTag = (tag: string): string => tag.replace(/^tag:yaml\.org,2002:/, "!!");

function binaryScalar(source: string): ReturnType<typeof taggedScalar> {
  const base64 = source.replace(/[ \n]/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return { message: "the `!!binary` value is not base64", hint: "correct the value, or remove the tag" };
  }
  try {
    return {
      value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, "base64")),
    };
  } catch {
    return {
      message: "the `!!binary` value is not UTF-8 text",
      hint: "remove the tag and decode the base64 where it is used",
    };
  }
}
