/** A platform that polycrate is released for, as bun, npm, Debian and nix name it. */
export type Platform = {
  readonly name: (typeof names)[number];
  readonly os: "linux" | "darwin";
  readonly cpu: "x64" | "arm64";
  /** The C library, on Linux. */
  readonly libc?: "glibc" | "musl";
  /** Debian's name for the processor, where there is a package. */
  readonly debian?: "amd64" | "arm64";
  /** The system in a nix expression; on Linux that is glibc's. */
  readonly nix?: string;
};

/** A platform, and the name and SHA-256 of its archive. */
export type ReleasedArchive = {
  readonly platform: Platform;
  readonly name: string;
  readonly sha256: string;
};

const names = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
] as const;

/** All platforms, in the order of `SHA256SUMS`. */
export const platforms: readonly Platform[] = [
  { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc", debian: "amd64", nix: "x86_64-linux" },
  { name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc", debian: "arm64", nix: "aarch64-linux" },
  { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  { name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl" },
  { name: "darwin-x64", os: "darwin", cpu: "x64", nix: "x86_64-darwin" },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64", nix: "aarch64-darwin" },
];
