import { type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/async";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { regexMutants } from "./regexMutants.ts";

/** A change within one line of a file: `before`, which starts at the offset `start`, becomes `after`. */
export type Mutation = {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly start: number;
  readonly before: string;
  readonly after: string;
};

/** The text of each file, by its path. */
export type Sources = Readonly<Record<string, string>>;

/** Returns the mutations of TypeScript files, in the order of the text: those that parse and change what runs. */
export async function mutationsOf(sources: Sources): Promise<readonly Mutation[]> {
  return (await parse(sources)).flatMap((tree) => {
    const { text } = tree;
    const code = transpiled(text);
    const mutations = changesBelow(tree, tree).map(({ kind, part, after }): Mutation => {
      const start = part.getStart(tree);
      const line = tree.getLineAndCharacterOfPosition(start).line + 1;
      return { file: tree.fileName.slice(1), line, kind, start, before: text.slice(start, part.end), after };
    });
    return mutations.filter((mutation) => {
      const mutant = mutation.before.includes("\n") ? code : transpiled(mutatedText(text, mutation));
      return mutant !== undefined && mutant !== code;
    });
  });
}

/** Returns the text of a file with a mutation in it. */
export function mutatedText(text: string, { start, before, after }: Mutation): string {
  return text.slice(0, start) + after + text.slice(start + before.length);
}

/**
 * Returns a mutation for each of `count` lines. Lines are ordered by a hash of seed and place: after an edit of one file most
 * lines chosen in the others stay the same.
 */
export function chooseMutations(all: readonly Mutation[], count: number, seed: number): readonly Mutation[] {
  const lines = Map.groupBy(all, ({ file, line }) => `${seed} ${file}:${line}`);
  const chosen = shuffled([...lines], ([place]) => place).slice(0, count);
  return chosen.flatMap(([place, those]) =>
    shuffled(those, ({ start, after }) => `${place}:${start} ${after}`).slice(0, 1),
  );
}

function shuffled<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const hashed = items.map((item) => ({ item, hash: Bun.hash(nameOf(item)) }));
  return hashed.sort((one, other) => (one.hash < other.hash ? -1 : 1)).map(({ item }) => item);
}

const transpiler = new Bun.Transpiler({ loader: "ts" });

function transpiled(text: string): string | undefined {
  try {
    return transpiler.transformSync(text);
  } catch {
    return undefined;
  }
}

/** The compiler's API that is not yet stable is the only one of TypeScript 7; its synchronous half does not run on Bun. */
async function parse(sources: Sources): Promise<readonly SourceFile[]> {
  const files = Object.keys(sources).map((file) => `/${file}`);
  const config = { compilerOptions: { noLib: true, noResolve: true, types: [] }, files };
  const texts = Object.fromEntries(Object.entries(sources).map(([file, text]) => [`/${file}`, text]));
  const fs = createVirtualFileSystem({ ...texts, "/tsconfig.json": JSON.stringify(config) });
  const api = new API({ fs });
  try {
    const snapshot = await api.updateSnapshot({ openProjects: ["/tsconfig.json"] });
    const program = snapshot.getProject("/tsconfig.json")?.program;
    const trees = await Promise.all(files.map((file) => program?.getSourceFile(file)));
    return trees.filter((tree) => tree !== undefined);
  } finally {
    await api.close();
  }
}

type Change = { readonly kind: string; readonly part: Node; readonly after: string };

function changesBelow(node: Node, tree: SourceFile): readonly Change[] {
  if (is.isTypeNode(node) || is.isImportDeclaration(node) || is.isExportDeclaration(node)) return [];
  if (is.isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) return [];
  const changes = [...changesOf(node, tree)];
  node.forEachChild((child) => {
    changes.push(...changesBelow(child, tree));
  });
  return changes;
}

function* changesOf(node: Node, tree: SourceFile): Generator<Change> {
  const change = (kind: string, part: Node, after: string): Change => ({ kind, part, after });
  const text = node.getText(tree);
  if (/^(?:Expression|Return|Throw|Break|Continue)Statement$/.test(SyntaxKind[node.kind]))
    yield change("statement", node, ";");
  if (node.kind === SyntaxKind.TrueKeyword) yield change("boolean", node, "false");
  if (node.kind === SyntaxKind.FalseKeyword) yield change("boolean", node, "true");
  if (node.kind === SyntaxKind.QuestionDotToken)
    yield change("chain", node, /^[[(]/.test(tree.text.slice(node.end)) ? "" : ".");
  if (is.isRegularExpressionLiteral(node))
    for (const mutant of regexMutants(text)) yield change("pattern", node, mutant);
  if (is.isNumericLiteral(node)) yield change("number", node, `${Number(text.replaceAll("_", "")) + 1}`);
  if (is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node)) yield* stringChanges([node]);
  if (is.isTemplateExpression(node))
    yield* stringChanges([node.head, ...node.templateSpans.map(({ literal }) => literal)]);
  if (is.isIfStatement(node) || is.isWhileStatement(node) || is.isDoStatement(node))
    yield change("condition", node.expression, `!(${node.expression.getText(tree)})`);
  if (is.isConditionalExpression(node))
    yield change("condition", node.condition, `!(${node.condition.getText(tree)})`);
  if (is.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
    yield change("condition", node, node.operand.getText(tree));
  if (is.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText(tree);
    if (operator === "??") yield change("default", node, node.left.getText(tree));
    for (const other of opposites.get(operator) ?? []) yield change("operator", node.operatorToken, other);
  }
  if (is.isSpreadElement(node) && is.isArrayLiteralExpression(node.parent))
    yield change("spread", node, "...[]");
  if (is.isPropertyAccessExpression(node))
    for (const other of opposites.get(node.name.text) ?? []) yield change("method", node.name, other);

  /** A text with a space is prose, whose wording tests need not check. */
  function* stringChanges(parts: readonly (Node & { readonly text: string })[]): Generator<Change> {
    if (parts.some((part) => part.text.includes(" "))) return;
    for (const part of parts)
      if (parts.length === 1 || part.text !== "")
        yield change("string", part, part.getText(tree).replace(/(?:["'`]|\$\{)$/, "~$&"));
  }
}

const opposites: ReadonlyMap<string, readonly string[]> = new Map(
  `< <= >=, <= < >, > >= <=, >= > <, === !==, !== ===, && ||, || &&, + -, - +, * /, / *, % *, += -=, -= +=,
   some every, every some, startsWith endsWith, endsWith startsWith, min max, max min, find findLast, findLast find`
    .split(/,\s+/)
    .map((row) => row.split(" "))
    .map(([name = "", ...others]) => [name, others]),
);
