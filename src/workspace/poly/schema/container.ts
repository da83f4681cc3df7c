import * as v from "valibot";
import { environment } from "./environment.ts";
import { limits } from "./limits.ts";
import { contextName } from "./names.ts";
import { duration, flag, list, maybe, preset, text, wholeSeconds } from "./values.ts";

/** The image an action runs in when neither flag, Dockerfile nor configuration names one. */
export const defaultImage = "cargo.ayedo.cloud/library/polycrate:latest";

/** The name of a cache, which becomes a part of its volume's name. */
export const cacheName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/;

const cachePath = v.pipe(
  text,
  v.regex(/^(?:~\/|\/)[^/]/, "expected a path in the container, like `~/.cache/pip` or `/var/cache/apt`"),
);

/** The container that actions run in. A typo here changes what runs, so an unknown key is an error. */
export const container = v.pipe(
  v.looseObject(
    {
      image: v.pipe(
        maybe(text),
        v.description(`The image reference an action runs in. Default: \`${defaultImage}\`.`),
      ),
      dockerfile: v.pipe(
        maybe(text),
        v.description("The Dockerfile of the workspace's image. Default: `Dockerfile.poly`, if it exists."),
      ),
      docker_flags: v.pipe(
        preset(list(text, "expected a list of `docker run` flags"), []),
        v.description("Additional `docker run` flags, split into words as in a shell."),
      ),
      env: v.pipe(
        maybe(environment),
        v.description(
          "Environment variables: text, `{from_env: NAME}`, `{from_file: PATH}` or `{from_manager: REFERENCE}` (secret).",
        ),
      ),
      shell: v.pipe(preset(text, "/bin/bash"), v.description("The shell that runs a script.")),
      user: v.pipe(
        maybe(
          v.pipe(
            text,
            v.regex(/^(?:host|image|\d+(?::\d+)?)$/, "expected `host`, `image` or numbers like `1000:1000`"),
          ),
        ),
        v.description("The user that actions run as: `image` (default), `host` (the caller) or `UID:GID`."),
      ),
      docker_socket: v.pipe(preset(flag, false), v.description("Mount `/var/run/docker.sock`.")),
      ssh_agent: v.pipe(preset(flag, false), v.description("Forward the caller's ssh agent.")),
      ...limits,
      caches: v.pipe(
        maybe(
          v.pipe(
            v.record(v.string(), cachePath, "expected a mapping of names to paths"),
            v.metadata({ propertyNames: { pattern: cacheName.source } }),
          ),
        ),
        v.description("Folders of the container that are kept in named volumes: `{pip: ~/.cache/pip}`."),
      ),
      stop_timeout: v.pipe(
        preset(wholeSeconds, { digits: "10", source: "10" }),
        v.metadata({ default: 10 }),
        v.description("Seconds between the signal that stops an action and SIGKILL."),
      ),
      warm: v.pipe(
        maybe(duration),
        v.description("Keep the container for that long after its last run, for further runs. Default: not."),
      ),
      context: v.pipe(
        maybe(contextName),
        v.description("The docker context that actions run in. Default: the one docker itself would use."),
      ),
      delivery: v.pipe(
        maybe(v.picklist(["mount", "copy"], "expected `mount` or `copy`")),
        v.description(
          "How files get to the container. Default: `copy` for an engine behind ssh or tcp, else `mount`.",
        ),
      ),
    },
    "expected a mapping",
  ),
  v.metadata({ additionalProperties: false }),
);

/** `config.container` as the schema returns it, every default filled in. */
export type ContainerSettings = v.InferOutput<typeof container>;
