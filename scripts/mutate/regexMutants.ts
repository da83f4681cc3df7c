/** Returns what a pattern's text (`/^a+$/g`) can become: without an end or a flag, with another quantifier or class. */
export function regexMutants(text: string): readonly string[] {
  const [, body = "", flags = ""] = /^\/(.*)\/(\w*)$/.exec(text) ?? [];
  const pieces: readonly string[] = body.match(/\\.|\[(?:\\.|[^\]\\])*\]|./g) ?? [];
  const bodies = pieces.flatMap((piece, index) => {
    const isEnd = (piece === "^" && index === 0) || (piece === "$" && index === pieces.length - 1);
    const after = isEnd ? "" : turned(piece);
    return after === piece ? [] : [pieces.with(index, after).join("")];
  });
  const flagged = [...flags].filter((flag) => "gims".includes(flag));
  // Without a body it would be a comment.
  return [
    ...bodies.map((mutant) => `/${mutant === "" ? "(?:)" : mutant}/${flags}`),
    ...flagged.map((flag) => `/${body}/${flags.replace(flag, "")}`),
  ];
}

function turned(piece: string): string {
  if (piece === "+" || piece === "*") return piece === "+" ? "*" : "+";
  return piece.replace(/^\[\^?/, (start) => (start === "[" ? "[^" : "["));
}
