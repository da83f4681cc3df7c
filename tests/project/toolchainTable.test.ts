import { expect, test } from "bun:test";
import { bumpTable } from "../../scripts/toolchainTable.ts";

test("another version of a tool changes its rows alone", async () => {
  const table =
    "# head\np\ttool\t1.0\tamd64\told\thttps://x/1.0/tool_1.0\tbin/tool\told\np\tother\t1.0\tamd64\tsum\thttps://x/1.0\t-\t-\n";
  const asked: string[] = [];
  const bumped = await bumpTable(table, "tool", "2.0", async (address, member) => {
    asked.push(`${address} ${member}`);
    return { sha256: "new", executableSha256: undefined };
  });
  expect(asked).toEqual(["https://x/2.0/tool_2.0 bin/tool"]);
  expect(bumped).toBe(
    table.replace(
      "tool\t1.0\tamd64\told\thttps://x/1.0/tool_1.0\tbin/tool\told",
      "tool\t2.0\tamd64\tnew\thttps://x/2.0/tool_2.0\tbin/tool\t-",
    ),
  );
  expect(
    bumpTable(table, "nope", "2.0", async () => ({ sha256: "", executableSha256: undefined })),
  ).rejects.toThrow("the table has no nope");
});
