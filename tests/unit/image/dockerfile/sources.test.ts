import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readDockerfile } from "../../../../src/image/dockerfile/sources.ts";

/** What is taken, one source a line: its kind where it is no plain path, and `.` for the whole context. */
function taken(text: string): readonly string[] {
  return readDockerfile(text).sources.map(({ kind, path, excludes }) =>
    [
      ...(kind === "path" ? [] : [kind]),
      path || ".",
      ...excludes.map((exclude) => `without ${exclude}`),
    ].join(" "),
  );
}

function unresolved(text: string): readonly string[] {
  return readDockerfile(text).unresolved.map(({ line, reason }) => `${line}: ${reason}`);
}

describe("instructions", () => {
  test.each([
    ["COPY a.txt /", ["a.txt"]],
    ["COPY a.txt b/c.txt /", ["a.txt", "b/c.txt"]],
    ["copy a.txt /", ["a.txt"]],
    ["ADD a.tar /", ["a.tar"]],
    ["COPY --chown=1:2 --link a /", ["a"]],
    ["COPY -- a /", ["a"]],
    ["COPY a", []],
    ["COPY", []],
    ["COPY . /app", ["."]],
    ["COPY / /app", ["."]],
    ["COPY ./ /app", ["."]],
    ["COPY ./a/../b//c/ /app", ["b/c"]],
    ["COPY ../../a /app", ["a"]],
    ["COPY *.txt src/?.py /", ["pattern *.txt", "pattern src/?.py"]],
    ["COPY a[0-9] /", ["pattern a[0-9]"]],
    ["COPY a\\\\*b /", ["a\\*b"]],
    ['COPY ["a b", "c", "/x"]', ["a b", "c"]],
    ['COPY --chown=1 ["a b", "/x"]', ["a b"]],
    ["COPY [a, b] /", ["pattern [a,", "b]"]],
    ["COPY \"a\" 'b' /", ["a", "b"]],
    ["COPY a\\ b /", ["a", "b"]],
    ["COPY --exclude=*.md --exclude=b docs /", ["docs without *.md without b"]],
    ["COPY --parents a/./**/*.py /", ["parents a/**/*.py"]],
    ["COPY --parents=false a /", ["a"]],
    ["COPY --from=build a /", []],
    ["COPY --from=build --chown=1 a /", []],
    ["COPY --from= a /", ["a"]],
    ["ADD https://example.com/a b /", ["b"]],
    ["ADD https://example.com/$UNKNOWN /", []],
    ["ADD git://example.com/a.git ssh://example.com/b /", []],
    ["RUN cp a b", []],
    ["CMD cp a b", []],
    ["# COPY a /", []],
    ["ONBUILD COPY a /", []],
  ])("`%s` takes %j", (instruction, sources) => {
    expect(taken(`FROM scratch\n${instruction}\n`)).toEqual(sources);
    expect(unresolved(`FROM scratch\n${instruction}\n`)).toEqual([]);
  });

  test.each([
    ["--mount=type=bind,source=a,target=/a", ["a"]],
    ["--mount=source=a,target=/a", ["a"]],
    ["--mount=TYPE=Bind,SRC=./a/,dst=/a", ["a"]],
    ["--mount=type=bind,target=/a", ["."]],
    ["--mount=type=bind,from=build,source=a,target=/a", []],
    ["--mount=type=bind,from=,source=a,target=/a", ["a"]],
    ["--mount=type=cache,target=/a", []],
    ["--mount=type=tmpfs,target=/a", []],
    ["--mount=type=secret,id=a", []],
    ["--mount=type=ssh", []],
    ["--mount=type=bind,source=*.txt,target=/a", ["*.txt"]],
    [`'--mount=type=bind,"source=a,b",target=/a'`, []],
    [`--mount='type=bind,"source=a,b",target=/a'`, ["a,b"]],
    ["--mount=type=bind,source=a,target=/a --network=none --mount=source=b,target=/b", ["a", "b"]],
  ])("`RUN %s` takes %j", (flags, sources) => {
    expect(taken(`FROM scratch\nRUN ${flags} make\n`)).toEqual(sources);
  });
});

describe("lines", () => {
  test.each([
    ["continued lines", "COPY a \\\n  b \\\n  /", ["a", "b"]],
    ["blanks behind the continuation", "COPY a \\ \t\n  b /", ["a", "b"]],
    ["comments and empty lines inside", "COPY a \\\n# c \\\n\n  b /", ["a", "b"]],
    ["carriage returns", "COPY a \\\r\n  b /\r\nCOPY c /\r\n", ["a", "b", "c"]],
    ["an indented instruction", "   COPY a /", ["a"]],
    ["a continuation at the very end", "COPY a / \\", ["a"]],
    ["a comment that ends like a continuation", "# x \\\nCOPY a /", ["a"]],
  ])("%s are read", (_, text, sources) => {
    expect(taken(`FROM scratch\n${text}`)).toEqual(sources);
  });

  test("`# escape` changes what continues a line, and what is a name", () => {
    expect(taken("# escape=`\nFROM scratch\nCOPY a\\b `\n c /\n")).toEqual(["a\\b", "c"]);
    expect(taken("# syntax=docker/dockerfile:1\n#ESCAPE = `\nFROM scratch\nCOPY a `\n c /\n")).toEqual([
      "a",
      "c",
    ]);
    expect(taken("# a comment\n# escape=`\nFROM scratch\nCOPY a ` b /\n")).toEqual(["a", "`", "b"]);
  });

  test("a byte order mark is no letter of the first instruction", () => {
    expect(taken("\uFEFFFROM scratch\nCOPY a /\n")).toEqual(["a"]);
  });

  test.each([
    ["a file", "COPY <<EOF /x\nCOPY no /\nEOF\nCOPY a /", ["a"]],
    ["two of them", "RUN <<EOF cat <<'B c'\nCOPY no /\nEOF\nCOPY no /\nB c\nCOPY a /", ["a"]],
    ["a file beside files", "COPY a <<EOF b /x/\nCOPY no /\nEOF\n", ["a", "b"]],
    ["an indented one", "COPY <<-EOF /x\n\tno\n\tEOF\nCOPY a /", ["a"]],
    ["one with a number", "RUN cat 3<<EOF\nCOPY no /\nEOF\nCOPY a /", ["a"]],
    ["one with a blank before its name", "RUN cat << EOF\nCOPY no /\nEOF\nCOPY a /", ["a"]],
    ["one in a trigger", "ONBUILD COPY <<EOF /x\nCOPY no /\nEOF\nCOPY a /", ["a"]],
    ["one without an end", "RUN cat <<EOF\nCOPY a /", ["a"]],
    ["no heredoc in a here string", "RUN cat <<< EOF\nCOPY a /\nEOF", ["a"]],
    ["no heredoc in JSON", 'RUN ["cat", "<<EOF"]\nCOPY a /\nEOF', ["a"]],
  ])("inline documents: %s", (_, text, sources) => {
    expect(taken(`FROM scratch\n${text}\n`)).toEqual(sources);
  });

  test("each instruction knows its line and how it looks there", () => {
    const { instructions } = readDockerfile("# c\nFROM scratch\n\n  COPY a \\\n b /\nRUN <<E\nx\nE\nCMD x\n");
    expect(instructions.map(({ keyword, line, text }) => `${line} ${keyword}: ${text}`)).toEqual([
      "2 FROM: FROM scratch",
      "4 COPY: COPY a \\",
      "6 RUN: RUN <<E",
      "9 CMD: CMD x",
    ]);
  });
});

describe("variables", () => {
  test.each([
    ["ARG X=a", "COPY $X /", ["a"]],
    ["ARG X=a Y=b", "COPY ${X}$Y.txt /", ["ab.txt"]],
    ["ENV X=a", "COPY $X /", ["a"]],
    ["ENV X a b", 'COPY "$X" /', ["a b"]],
    ['ENV X="a b" Y=c\\ d', 'COPY "$X" "$Y" /', ["a b", "c d"]],
    ["ENV X=a\nARG X=b", "COPY $X /", ["a"]],
    ["ARG X=b\nENV X=a", "COPY $X /", ["a"]],
    ["ENV X=a\nENV X=b Y=$X", "COPY $Y /", ["a"]],
    ["ARG X=a\nENV Y=${X}/b", "COPY $Y/c /", ["a/b/c"]],
    ["ARG X=a", "COPY '$X' /", ["$X"]],
    ["ARG X=a", 'COPY "\\$X" \\$X /', ["$X", "$X"]],
    ["ARG X=a", "COPY $ /", ["$"]],
    ["ARG X=a", 'COPY ["$X", "b$X", "/"]', ["a", "ba"]],
    ["ARG X=*", "COPY $X.txt /", ["pattern *.txt"]],
    ["ARG X=", "COPY $X /", ["."]],
    ["ARG X", "COPY ${X:-d} /", ["d"]],
    ["ARG X", "COPY ${X-d} /", ["d"]],
    ["ARG X=", "COPY ${X:-d} ${X-e} /", ["d", "."]],
    ["ARG X=a", "COPY ${X:-d} ${X:+e} ${X:?no} /", ["a", "e", "a"]],
    ["ARG X", "COPY a${X:+e} /", ["a"]],
    ["ARG Y=y", "COPY ${X:-$Y/${Z:-z}} /", ["y/z"]],
    ["", "COPY ${X:-d} /", ["d"]],
    ["ARG X=a", "RUN --mount=type=bind,source=$X,target=/x make", ["a"]],
    ["ARG X=b", "COPY --exclude=$X a /", ["a without b"]],
    ["ARG X=b", "COPY --exclude=$Y a /", ["a"]],
    ["ARG X=build", "COPY --from=$X a /", []],
  ])("`%s`, `%s` takes %j", (before, instruction, sources) => {
    expect(taken(`FROM scratch\n${before}\n${instruction}\n`)).toEqual(sources);
    expect(unresolved(`FROM scratch\n${before}\n${instruction}\n`)).toEqual([]);
  });

  test.each([
    ["ARG X", "COPY $X /", "3: `$X` has no default"],
    ["ARG X", "COPY a/${X}.txt /", "3: `$X` has no default"],
    ["ARG X", "COPY ${X:?needed} /", "3: `$X` has no default"],
    ["", "COPY $X /", "3: `$X` has no default"],
    ["ARG X=a", "COPY ${X%a} /", "3: `${X%a}` is too complex for polycrate to expand"],
    ["ARG X=a", "COPY ${X /", "3: `${X` is too complex for polycrate to expand"],
    ["ENV Y=$X", "COPY $Y /", "3: `$X` has no default"],
    ["ARG TARGETARCH=amd64", "COPY $TARGETARCH /", "3: the builder sets `$TARGETARCH`"],
    ["ARG HTTP_PROXY=a", "COPY $HTTP_PROXY /", "3: the builder sets `$HTTP_PROXY`"],
    ["", "COPY $PATH /", "3: the builder sets `$PATH`"],
    ["ENV $X=a", "COPY b /", "2: `$X` has no default"],
    ["ARG X=a", "RUN --mount=type=$Y,source=a,target=/x make", "3: `$Y` has no default"],
    ["", "COPY a\uFFFDb /", "3: `a\uFFFDb` is not a UTF-8 file name"],
    [
      "",
      "RUN a \\\\\nCOPY b /",
      "3: versions of docker differ in whether a doubled escape character continues a line",
    ],
  ])("`%s`, `%s` is unknown: %s", (before, instruction, reason) => {
    expect(unresolved(`FROM scratch\n${before}\n${instruction}\n`)).toEqual([reason]);
  });

  test("an image from elsewhere may set what the file does not", () => {
    expect(unresolved("FROM python:3\nCOPY $X /\n")).toEqual(["2: `python:3` may set `$X`"]);
    expect(unresolved("FROM python:3\nCOPY ${X:-a} /\n")).toEqual(["2: `python:3` may set `$X`"]);
  });

  test("the default of an `ARG` is taken for its value, and the assumption is told", () => {
    const { sources, assumptions } = readDockerfile(
      "FROM python:3\nARG X=a\nENV Y=$X/b\nCOPY $Y ${X:+c} d /\n",
    );
    expect(sources.map(({ path }) => path)).toEqual(["a/b", "c", "d"]);
    expect(assumptions).toEqual([
      { line: 4, variable: "X", image: "python:3" },
      { line: 4, variable: "X", image: "python:3" },
    ]);
    expect(readDockerfile("FROM python:3\nENV X=a\nCOPY $X /\n").assumptions).toEqual([]);
  });

  test("an `ARG` before the first `FROM` is seen by `FROM`, and by a stage that declares it again", () => {
    const text = "ARG X=a\nARG Y=$X-b\nFROM scratch\n";
    expect(taken(`${text}ARG Y\nCOPY $Y /\n`)).toEqual(["a-b"]);
    expect(taken(`${text}ARG X=c\nCOPY $X /\n`)).toEqual(["c"]);
    expect(unresolved(`${text}COPY $X /\n`)).toEqual(["4: `$X` has no default"]);
  });

  test("a stage hands its `ENV` on, not its `ARG`", () => {
    const text = "FROM scratch AS One\nARG X=a\nENV Y=b\nFROM one\n";
    expect(taken(`${text}COPY $Y /\n`)).toEqual(["b"]);
    expect(unresolved(`${text}COPY $X /\n`)).toEqual(["5: `$X` is an `ARG` of another stage"]);
    expect(taken(`${text}ARG X=c\nCOPY $X /\n`)).toEqual(["c"]);
  });
});

describe("stages", () => {
  test("`FROM` is told with its image, its stage and what kind of base it is", () => {
    const text =
      "ARG V=3\nFROM --platform=linux/amd64 python:$V AS Base\nFROM base\nFROM scratch\nFROM ${N}\n";
    expect(readDockerfile(text).from).toEqual([
      { line: 2, kind: "image", written: "python:$V", image: "python:3", stage: "base" },
      { line: 3, kind: "stage", written: "base", image: "base", stage: undefined },
      { line: 4, kind: "scratch", written: "scratch", image: "scratch", stage: undefined },
      { line: 5, kind: "image", written: "${N}", image: undefined, stage: undefined },
    ]);
  });

  test("a trigger fires in a later stage of the same file, with that stage's variables", () => {
    expect(taken("FROM scratch AS a\nONBUILD ENV X=x\nONBUILD COPY $X /\nFROM a\nCOPY y /\n")).toEqual([
      "x",
      "y",
    ]);
    expect(taken("FROM scratch AS a\nONBUILD COPY x /\nFROM a AS b\nFROM b\n")).toEqual(["x"]);
    expect(taken("FROM scratch AS a\nONBUILD COPY x /\nFROM scratch\n")).toEqual([]);
    expect(taken("FROM scratch AS a\nONBUILD COPY x /\nFROM $N\n")).toEqual(["x"]);
  });

  test("what stands before `FROM` takes nothing", () => {
    expect(taken("COPY a /\nFROM scratch\n")).toEqual([]);
  });
});

describe("another frontend", () => {
  test.each([
    "docker/dockerfile:1",
    "docker.io/docker/dockerfile:1.7-labs",
    "docker/dockerfile-upstream:master",
  ])("%s reads the file as we do", (syntax) =>
    expect(unresolved(`# syntax=${syntax}\nFROM scratch\n`)).toEqual([]),
  );

  test("one that is not docker's may take anything", () => {
    expect(unresolved("# syntax = acme/buildfile\nFROM scratch\n")).toEqual([
      "1: `acme/buildfile` may parse this file differently",
    ]);
  });
});

describe("any text", () => {
  const piece = fc.constantFrom(
    ...[
      "FROM ",
      "COPY ",
      "ADD ",
      "RUN ",
      "ARG ",
      "ENV ",
      "ONBUILD ",
      "AS ",
      "scratch",
      "# escape=`",
      "# syntax=a",
    ],
    ...[
      "--from=",
      "--mount=",
      "--exclude=",
      "--parents ",
      "type=bind,",
      "source=",
      "<<EOF",
      "<<-E",
      "EOF",
      "X",
      "a",
      "*",
    ],
    ...[
      "$",
      "${",
      "}",
      ":-",
      ":+",
      "$X",
      '"',
      "'",
      "[",
      "]",
      ",",
      "=",
      "\\",
      "`",
      " ",
      "\t",
      "\n",
      "\r\n",
      "\\\n",
      "\0",
      "ü",
    ],
  );

  test("is read without an error, and what it takes stays inside of the context", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (dockerfile) => {
        for (const { path } of readDockerfile(dockerfile).sources) {
          expect(`/${path}/`).not.toMatch(/\/\/.|\/\.{1,2}\//);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("may be nested deeply", () => {
    expect(unresolved(`FROM scratch\nCOPY ${"${X:-".repeat(100_000)} /\n`)).toHaveLength(1);
    expect(taken(`FROM scratch\n${"ONBUILD ".repeat(100_000)}COPY a /\nFROM 0\n`)).toEqual([]);
  });
});
