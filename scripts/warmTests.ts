/**
 * Prints a pattern for the names of the tests that hold in warm containers too, which are all but these. `test.sh --warm` runs
 * them with POLYCRATE_WARM.
 */
const onlyCold: Readonly<Record<string, readonly string[]>> = {
  "reads the words of `docker run`, or the name of its container": [
    "--user in docker_flags has the same effect, in a dry run too",
    "the words of docker_flags are printed as they were written",
    "names have letters of any script: docker gets them in its own, labels as they are",
    "a secret is in no command line and in no file, during a run and after it",
    "the demo shows all that it promises",
    "the commands of README print what it shows",
    "many at once: at most as many as wanted, every record whole, each with a log and a container of its own",
    "ps shows what runs, stop ends it in order",
    "`stop` removes the container of a polycrate that does not end it",
    "after SIGKILL the next run names the orphan and touches it not; prune ends it",
    "prune leaves the container of a printed script alone, and stop stops it",
    "a locked image stays what it was when its tag moves, and `--check` and `--update` tell and take it",
  ],
  "counts the calls of docker": [
    "`--verbose` shows each docker command and how long it took",
    "the image is asked for its users once, and before a run there is one docker call",
  ],
  "reads `warm` in the record or the history": [
    "a record says what is the same in every run so far, and what is not known",
    "history lists what ran, newest first, and filters it",
    "the commands of records print what it shows",
  ],
  "looks into, or exchanges, the folder that a cold run mounts": [
    "a run does not start when .* was exchanged before docker mounted it",
    "the files of a run are in the caller's runtime folder where the engine is of this machine",
    "the files of a run stay in the workspace when .*",
  ],
  "removes by hand what a kept container uses, or lists all that `prune` removes": [
    "a cache stays, belongs to the user from its first run on, in a dry run too, and is pruned",
    "prune --images removes this workspace's images except the current one",
  ],
};

const names = Object.values(onlyCold).flat();
const patterns = names.map((name) => name.replace(/[-[\]{}()+?\\^$|]/g, "\\$&"));
process.stdout.write(`^(?!.*(?:${patterns.join("|")})$)`);
