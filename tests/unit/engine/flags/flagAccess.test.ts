import { expect, test } from "bun:test";
import { readDockerFlags } from "../../../../src/engine/flags/dockerFlag.ts";
import { accessOfFlag } from "../../../../src/engine/flags/flagAccess.ts";

const context = { uid: 7, gid: 8, home: "/home/anna", directory: "/work/w", environment: { ETC: "/etc" } };

/** What an entry of `docker_flags` gives, and the paths that it names. */
function accessOf(entry: string) {
  const { flags, problems } = readDockerFlags([entry], context, "/workspace");
  expect(problems).toEqual([]);
  return flags.flatMap(accessOfFlag);
}

test.each([
  "--privileged",
  "--privileged=true",
  "--privileged=1",
  "--use-api-socket",
  "--pid=host",
  "--pid host",
  "--pid=container:other",
  "--ipc=host",
  "--ipc container:other",
  "--uts=host",
  "--userns=host",
  "--userns=keep-id",
  "--cgroupns=host",
  "--network=host",
  "--net=host",
  "--net host",
  "--network=name=host",
  "--network=container:other",
  "--network=other",
  "--device=/dev/kvm",
  "--device /dev/sda:/dev/xvda:rwm",
  "--device=vendor.com/class=device",
  "--device-cgroup-rule=c 1:3 mr".replaceAll(" ", "_"),
  "--gpus=all",
  "--gpus '\"device=0\"'",
  "--cap-add=SYS_ADMIN",
  "--cap-add ALL",
  "--cap-add=cap_net_admin",
  "--security-opt=seccomp=unconfined",
  "--security-opt seccomp:unconfined",
  "--security-opt=seccomp=profile.json",
  "--security-opt=apparmor=unconfined",
  "--security-opt=label=disable",
  "--security-opt=label:type:spc_t",
  "--security-opt=systempaths=unconfined",
  "--security-opt=no-new-privileges=false",
  "-v cache:/cache",
  "--volume=cache:/cache:ro",
  "--mount=type=volume,source=cache,target=/cache",
  "--mount=source=cache,target=/cache",
  "--mount=type=volume,target=/x,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/",
  "--mount=type=bind,source=.,target=/x,bind-propagation=rshared",
  "--mount=type=npipe,source=x,target=/x",
  "--mount=type=image,source=x,target=/x",
  "--mount=type=tmpfs,type=bind,source=/,target=/x",
  "-v ./a:/b:rshared",
  "--volumes-from=other",
  "--volumes-from other:ro",
  "--volume-driver=nfs",
  "-p 80:80",
  "-p80:80",
  "--publish=127.0.0.1:80:80",
  "-P",
  "--publish-all",
  "--link=db:db",
  "--runtime=runc-unsafe",
  "--annotation=run.oci.hooks.stderr=/x",
  "--sysctl=net.ipv4.ip_forward=1",
  "--storage-opt=size=1G",
  "--cgroup-parent=/",
  "--oom-score-adj=-1000",
  "--oom-kill-disable",
  "--cpu-rt-runtime=1",
  "--a-flag-of-tomorrow=x",
  "--a-flag-of-tomorrow -v=/:/host",
])("%s reaches the host", (entry) => {
  expect(accessOf(entry).length).toBeGreaterThan(0);
});

test.each([
  ["-v /etc:/x", ["/etc"]],
  ["-v/etc:/x:ro", ["/etc"]],
  ["-v=/etc:/x", ["/etc"]],
  ["--volume /etc:/x", ["/etc"]],
  ["--volume=/etc:/x", ["/etc"]],
  ["-v $ETC:/x", ["/etc"]],
  ["-v ~/a:/x", ["/home/anna/a"]],
  ["-v ./a:/x", ["./a"]],
  ["-v ../a:/x", ["../a"]],
  ["-v .:/x", ["."]],
  ["-v $(pwd)/a:/x", ["/work/w/a"]],
  ["-qv /etc:/x", ["/etc"]],
  ["--mount type=bind,source=/etc,target=/x", ["/etc"]],
  ["--mount type=BIND,src=/etc,dst=/x", ["/etc"]],
  ["--mount 'type=bind,\"source=/a,b\",target=/x'", ["/a,b"]],
  ["--mount type=bind,source=./a,src=/etc,target=/x", ["./a", "/etc"]],
  ["--mount SOURCE=/etc,TYPE=bind,target=/x", ["/etc"]],
  ["--label-file=/etc/passwd", ["/etc/passwd"]],
] as const)("%s names the paths %j of the host", (entry, paths) => {
  expect(accessOf(entry).flatMap((one) => one.paths)).toEqual([...paths]);
});

test.each([
  "--privileged=false",
  "--oom-kill-disable=false",
  "--publish-all=0",
  "--pid=private",
  "--ipc=none",
  "--ipc=shareable",
  "--cgroupns=private",
  "--network=none",
  "--network=bridge",
  "--cap-add=CHOWN",
  "--cap-add=CAP_NET_RAW",
  "--cap-drop=ALL",
  "--security-opt=no-new-privileges",
  "--security-opt=no-new-privileges:true",
  "-v /data",
  "--mount=type=tmpfs,target=/x",
  "--mount=type=volume,target=/x",
  "--tmpfs=/x",
  "--memory=1g",
  "-m1g",
  "--cpus=2",
  "--pids-limit=100",
  "--user=$(id -u):$(id -g)",
  "--group-add=docker",
  "--hostname=host",
  "--dns=1.1.1.1",
  "--add-host=a:1.2.3.4",
  "--ulimit=nofile=10",
  "--shm-size=1g",
  "--read-only",
  "--label=a=b",
  "--device-read-bps=/dev/sda:1mb",
  "--platform=linux/amd64",
  "--health-cmd=true",
  "--init",
  "--env=A=b",
])("%s stays in the container", (entry) => {
  expect(accessOf(entry)).toEqual([]);
});

test("every flag of docker run is known, of both clients that are supported", () => {
  const flags = `add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile cpu-count
    cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach detach-keys device
    device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust dns dns-option
    dns-search domainname entrypoint env-file expose gpus group-add health-cmd health-interval health-retries
    health-start-interval health-start-period health-timeout help hostname init interactive io-maxbandwidth io-maxiops ip ip6 ipc
    isolation kernel-memory label label-file link link-local-ip log-driver log-opt mac-address memory memory-reservation memory-swap
    memory-swappiness mount name network network-alias no-healthcheck oom-kill-disable oom-score-adj pid pids-limit platform
    privileged publish publish-all pull quiet read-only restart rm runtime security-opt shm-size sig-proxy stop-signal stop-timeout
    storage-opt sysctl tmpfs tty ulimit use-api-socket user userns uts volume volume-driver volumes-from workdir`;
  for (const name of flags.trim().split(/\s+/)) {
    for (const { gives } of accessOfFlag({ name, value: "x" })) expect(gives).not.toContain("does not know");
  }
});
