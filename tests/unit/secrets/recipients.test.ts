import { expect, test } from "bun:test";
import {
  formatRecipients,
  parseRecipients,
  recipientLine,
  withoutRecipients,
  withRecipients,
} from "../../../src/secrets/recipients.ts";

const text = `# anna
age1anna

# a comment
# ben
ssh-ed25519 AAAAben ben@laptop
age1nobody
`;

test("a file of recipients is that of age, with the comment above a key as its name", () => {
  const recipients = parseRecipients(text);
  expect(recipients).toEqual([
    { key: "age1anna", name: "anna" },
    { key: "ssh-ed25519 AAAAben", name: "ben" },
    { key: "age1nobody", name: undefined },
  ]);
  expect(parseRecipients(formatRecipients(recipients))).toEqual(recipients);
});

test("the comment of an ssh key is its name", () => {
  expect(recipientLine("ssh-ed25519 AAAAben ben@laptop")).toEqual({
    key: "ssh-ed25519 AAAAben",
    name: "ben@laptop",
  });
});

test("one that is there already is added once, and can be renamed", () => {
  const before = parseRecipients(text);
  expect(withRecipients(before, [{ key: "age1anna", name: undefined }])).toEqual(before);
  expect(withRecipients(before, [{ key: "age1nobody", name: "carl" }])[2]).toEqual({
    key: "age1nobody",
    name: "carl",
  });
});

test("recipients are removed by key, key with comment, or name", () => {
  const before = parseRecipients(text);
  expect(withoutRecipients(before, ["ben", "age1nobody"])).toEqual([{ key: "age1anna", name: "anna" }]);
  expect(withoutRecipients(before, ["ssh-ed25519 AAAAben x@y"])).toHaveLength(2);
  expect(() => withoutRecipients(before, ["dora"])).toThrow("there is no recipient `dora`");
});
