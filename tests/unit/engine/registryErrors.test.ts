import { describe, expect, test } from "bun:test";
import { registryError, registryFailure, registryOf } from "../../../src/engine/registryErrors.ts";

describe("what docker says means", () => {
  test.each<[string, ReturnType<typeof registryFailure>]>([
    ["manifest for r.io/a:1 not found: manifest unknown: manifest unknown", "missing"],
    ["Error response from daemon: manifest unknown: manifest unknown", "missing"],
    ["name unknown: repository name not known to registry", "missing"],
    ["pull access denied for a, repository does not exist or may require 'docker login'", "denied"],
    ['Get "https://r.io/v2/": no basic auth credentials', "denied"],
    ["unauthorized: authentication required", "denied"],
    ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "unreachable"],
    ["Get https://r.io/v2/: dial tcp: lookup r.io on 10.0.2.3:53: no such host", "unreachable"],
    ["x509: certificate signed by unknown authority", "untrusted"],
    ["http: server gave HTTP response to HTTPS client", "untrusted"],
    ["write /var/lib/docker/tmp/x: no space left on device", "full"],
    ["something new", "other"],
  ])("%s: %s", (stderr, expected) => {
    expect(registryFailure(stderr)).toBe(expected);
  });
});

test("an error names the image, the reason and what to do", () => {
  const refused =
    'Error response from daemon: Get "http://r.io:1/v2/": dial tcp: connect: connection refused';
  expect(registryError("pull", "r.io:1/a:1", refused)).toMatchObject({
    message: "cannot pull `r.io:1/a:1`: the registry `r.io:1` is not reachable",
    exitCode: 125,
  });
  expect(registryError("push", "a:1", "Using default tag\nError: something new\n").message).toBe(
    "cannot push `a:1`: something new",
  );
  expect(registryError("pull", "a:1", "Cannot connect to the Docker daemon at unix:///x").exitCode).toBe(69);
  const gone = registryError("pull", `a@sha256:${"0".repeat(64)}`, "manifest unknown");
  expect(gone.message).toContain("no longer has this digest");
  expect(gone.hint).toContain("polycrate lock --update");
});

test.each([
  ["debian:12", "docker.io"],
  ["team/app", "docker.io"],
  ["localhost/app", "localhost"],
  ["r.io/app:1", "r.io"],
  ["r:5000/app:1", "r:5000"],
])("%s is in the registry %s", (reference, registry) => {
  expect(registryOf(reference)).toBe(registry);
});
