import type { ManualEntry } from "./manualEntry.ts";

/** The examples of the commands for encrypted secrets. */
export const secretsExamples: Readonly<Record<string, ManualEntry>> = {
  "secrets edit": {
    examples: [
      { description: "edit `secrets.poly.age`, or create it", command: "polycrate secrets edit" },
      {
        description: "edit a file that an action reads in clear text",
        command: "polycrate secrets edit artifacts/secrets/cert.pem",
      },
    ],
  },
  "secrets encrypt": {
    examples: [
      {
        description: "replace `secrets.poly` by `secrets.poly.age`, and commit that",
        command: "polycrate secrets encrypt",
      },
      {
        description: "encrypt a file for actions, which find it in clear text at this path",
        command: "polycrate secrets encrypt artifacts/secrets/cert.pem",
      },
    ],
  },
  "secrets decrypt": {
    examples: [
      { description: "print the secrets", command: "polycrate secrets decrypt" },
      {
        description: "print an encrypted file",
        command: "polycrate secrets decrypt artifacts/secrets/cert.pem",
      },
    ],
  },
  "secrets recipients": {
    examples: [
      { description: "list who can decrypt the secrets", command: "polycrate secrets recipients" },
      {
        description: "add a colleague, by an age key or an ssh key",
        command: 'polycrate secrets recipients add --name=anna "$(cat anna.pub)"',
      },
      {
        description: "remove one, by name or key",
        command: "polycrate secrets recipients remove anna",
      },
    ],
  },
  "secrets keygen": {
    examples: [
      {
        description: "make your identity, and send its public key to a colleague",
        command: "polycrate secrets keygen",
      },
    ],
  },
};
