import { expect, test } from "bun:test";
import { messagesTo } from "../../../../src/cli/output/messages.ts";
import { progressLine } from "../../../../src/cli/output/progressLine.ts";
import { outputTo } from "../../../../src/host/output.ts";
import { fakeStream } from "../../../support/fakes.ts";

function linesOn(properties: Readonly<Record<string, unknown>>): string {
  const stderr = fakeStream(properties);
  const messages = messagesTo({ stdout: outputTo(fakeStream()), stderr: outputTo(stderr) });
  const line = progressLine(messages);
  line.show("pulled one (1 of 2)");
  line.show("pulled \u001b[31mtwo (2 of 2)");
  line.clear();
  messages.notice("done");
  return stderr.text();
}

test("on a terminal a line replaces the last one, is not wider than it, and is gone at the end", () => {
  const clear = "\r\u001b[2K";
  expect(linesOn({ isTTY: true, columns: 12 })).toBe(
    `${clear}pulled one \r${clear}pulled \\u00\r${clear}done\n`,
  );
});

test("elsewhere each is a line", () => {
  expect(linesOn({})).toBe("pulled one (1 of 2)\npulled \\u001b[31mtwo (2 of 2)\ndone\n");
});
