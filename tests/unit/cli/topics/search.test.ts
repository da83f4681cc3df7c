import { expect, test } from "bun:test";
import { searchTopics } from "../../../../src/cli/topics/search.ts";

const topic = {
  name: "walks",
  summary: "About walks.",
  text: `# walks

About walks. Nothing
else is here.

## Shoes

| Shoe | For |
| --- | --- |
| \`boot\` | Snow and \\| rain |

- Take [good ones](shoes.md). Or none.

\`\`\`sh
  tie --both   # LACES
\`\`\`
`,
};

test.each([
  ["ABOUT", [["walks", undefined, "About walks."]]],
  ["nothing else  is", [["walks", undefined, "Nothing else is here."]]],
  [
    "shoe",
    [
      ["walks", "Shoes", "Shoes"],
      ["walks", "Shoes", "Shoe  For"],
    ],
  ],
  ["`boot`", [["walks", "Shoes", "`boot`  Snow and | rain"]]],
  ["ones", [["walks", "Shoes", "Take good ones."]]],
  ["laces", [["walks", "Shoes", "tie --both   # LACES"]]],
  ["shoes.md", []],
  ["hats", []],
])("`%s` is found in %j", (words, expected) => {
  const found = searchTopics([topic], words).map((one) => [one.topic, one.heading, one.line]);
  expect(found).toEqual(expected);
});
