"""What a process's control groups (/proc/PID/cgroup) tell: in which containers it is, of which job."""

# What Docker, Podman, CRI-O and containerd write before the id of a container.
ENGINES = ("docker", "libpod", "crio", "cri-containerd")
HEX = "0123456789abcdef"


def container_ids(cgroup):
    """Outermost first, each once. Engines name the container by its id; LXC and Incus by its name."""
    found = []
    for line in cgroup.splitlines():
        above, in_pod = "", False
        for part in line.split("/"):
            name = lxc_name(part, above) or container_id(part, above, in_pod)
            if name and name not in found:
                found.append(name)
            above, in_pod = part, in_pod or part.startswith("kubepods")
    return found


def pressure_file(cgroup, root="/sys/fs/cgroup"):
    """What tells how its group waits for disks (cgroup v2 with the kernel's PSI); None where there can be none: the
    root's is the host's, and a path that leads out of it is another's."""
    path = next((line[3:] for line in cgroup.splitlines() if line.startswith("0::/")), "/")
    return None if path == "/" or "/.." in path else root + path + "/io.pressure"


def waiting(pressure):
    """Percent of the last ten seconds in which some program waited: of `some avg10=12.30 avg60=…`; None where the
    kernel does not say."""
    word = pressure.partition("some avg10=")[2].partition(" ")[0]
    return round(float(word)) if word.replace(".", "", 1).isdigit() else None


def lxc_name(part, above):
    if above == "lxc":
        return part
    return part[len("lxc.payload.") :] if part.startswith("lxc.payload.") else None


def container_id(part, above, in_pod):
    """Of `docker-ID.scope`, of `….slice:cri-containerd:ID`, or of ID below `docker` or a pod."""
    words = part.replace(":", "-").split("-")
    for count, word in enumerate(words):
        if is_id(word):
            before = "-".join(words[:count]) or above
            if before.endswith(ENGINES) or (in_pod and not before.endswith("conmon")):
                return word[:64]
    return None


def is_id(word):
    return len(word) >= 64 and not word[:64].strip(HEX)


def job(cgroup):
    """The number that Slurm gave: `/system.slice/slurmstepd.scope/job_42/step_0`."""
    for line in cgroup.splitlines():
        before, found, rest = line.partition("/job_")
        number = rest.partition("/")[0]
        if found and "slurm" in before and number.isdigit():
            return "slurm " + number
    return None
