"""Memory, shared memory, open files."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model import units
from gpuws.model.placement.plan import Check

LEAST_MEMORY = 6 << 20
"""Bytes: Docker refuses a lower limit."""

LOW_FILES = 29
"""Docker 29 lowered the default of open files from 1048576 to 1024."""


def memory(evidence: Evidence) -> Iterator[Check]:
    """The cap against the host, its free memory, and the caps of the others."""
    limit, total, free = evidence.profile.mem_limit, evidence.mode.memory, evidence.look.memory
    if limit is None:
        text = f"no memory limit: a leak here takes all of {evidence.host} down"
        yield Check("memory", "warn", text, "set mem_limit in the profile")
        return
    if evidence.mode.unlimited:
        text = f"mem_limit is ignored: rootless Podman holds no limits on {evidence.host}, whose kernel has cgroup v1"
        yield Check("memory", "warn", text, "ask its admin for cgroup v2 (systemd.unified_cgroup_hierarchy=1)")
        return
    if limit < LEAST_MEMORY:
        yield Check("memory", "fail", f"mem_limit {units.size(limit)} is below what Docker accepts", "at least 6m")
        return
    caps = [one.memory_limit for one in evidence.others if one.enterable and one.memory_limit]
    if total is not None and limit > total:
        text = f"{units.size(limit)} wanted, {evidence.host} has {units.size(total)}"
        yield Check("memory", "warn", text, "lower mem_limit: as it is, it protects nobody")
    elif free is not None and limit > free:
        text = f"{units.size(limit)} wanted, {units.size(free)} of {units.size(total)} are free on {evidence.host} now"
        yield Check("memory", "warn", text, "lower mem_limit, or choose another host: both can't have it at once")
    elif total is not None and sum(caps) + limit > total:
        text = f"with {len(caps)} running containers' caps it adds up to {units.size(sum(caps) + limit)}"
        remedy = "lower mem_limit: when all use what they may, the kernel ends somebody's process"
        yield Check("memory", "warn", f"{text}, {evidence.host} has {units.size(total)}", remedy)
    else:
        yield Check("memory", "ok", f"{units.size(limit)} of {units.size(total)}")
    if not evidence.mode.swap_limit:
        text = f"the kernel of {evidence.host} can't cap swap: the container may swap beyond mem_limit"
        yield Check("memory", "warn", text, "ask its admin for swapaccount=1 on the kernel's command line")


def out_of_memory(evidence: Evidence) -> Iterator[Check]:
    """Who is ended where the host's memory runs short."""
    profile, host = evidence.profile, evidence.host
    if profile.oom_kill_disable or profile.oom_score_adj < 0:
        key = "oom_kill_disable" if profile.oom_kill_disable else "oom_score_adj"
        text = f"{key}: where memory of {host} runs short, programs of others are ended before it"
        yield Check("memory", "warn", text, f"leave {key} out, and set mem_limit")


def shared_memory(evidence: Evidence) -> Iterator[Check]:
    """/dev/shm is memory, too, and too small by default for data loaders and NCCL."""
    profile = evidence.profile
    size, limit, free = profile.shm_size, profile.mem_limit, evidence.look.memory
    if profile.ipc == "host" or (profile.ipc or "").startswith("container:"):
        if size is not None:
            text = f"ipc: {profile.ipc} has a /dev/shm of its own: shm_size is ignored"
            yield Check("shm", "warn", text, "leave shm_size out")
        return
    if size is None and evidence.devices:
        text = "/dev/shm has 64 MiB: data loaders with workers and NCCL fail"
        yield Check("shm", "warn", text, "set shm_size: 8g or more")
    elif size is not None and limit is not None and size > limit:
        text = f"shm_size {units.size(size)} is above mem_limit {units.size(limit)}"
        yield Check("shm", "warn", text, "shared memory counts as memory: raise mem_limit")
    elif size is not None and free is not None and size > free:
        text = f"shm_size {units.size(size)}, but {units.size(free)} are free on {evidence.host} now"
        yield Check("shm", "warn", text, "lower shm_size: it is the host's memory")
    elif size is not None:
        yield Check("shm", "ok", f"/dev/shm {units.size(size)}")


def memory_file_systems(evidence: Evidence) -> Iterator[Check]:
    """What lies in them is memory: by itself each may take half of the host's."""
    endless = [path.partition(":")[0] for path in evidence.profile.tmpfs if "size=" not in path]
    if endless and evidence.profile.mem_limit is None:
        text = f"tmpfs {', '.join(endless)} may fill half of the memory of {evidence.host}"
        yield Check("tmpfs", "warn", text, "say its size, /run:size=64m, or set mem_limit, which counts it")


def open_files(evidence: Evidence) -> Iterator[Check]:
    set_here = any(limit.name == "nofile" for limit in evidence.profile.ulimits)
    if (text := few_files(evidence.server)) and not set_here:
        yield Check("nofile", "warn", text, "set ulimits: {nofile: 1048576}")
    elif set_here:
        limit = next(limit for limit in evidence.profile.ulimits if limit.name == "nofile")
        yield Check("nofile", "ok", f"{limit.soft} open files")


def few_files(server: Server) -> str:
    """What is wrong with its default of open files; "" nothing is."""
    major = server.version.partition(".")[0]
    few = major.isdecimal() and int(major) >= LOW_FILES and not server.is_podman
    return f"Docker {server.version} allows 1024 open files: data loaders with many workers fail" if few else ""
