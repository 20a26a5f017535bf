"""What the files of one container's control groups say. What can't be read is None, never zero."""

from .places import names

UNLIMITED = 1 << 60  # v1 writes a number that no machine has where there is no limit
NANO, MICRO = 1e9, 1e6
DEEPEST = 4  # levels of its own groups in which its first process is looked for


def figures(trees, path):
    """`cpu`: seconds since it began; bytes otherwise, but for the number of `oom_kills`."""
    memory, cpu, block = (
        trees.roots[one] + path if one in trees.roots else None for one in ("memory", "cpuacct", "blkio")
    )
    return second(memory) if trees.version == 2 else first(memory, cpu, block)


def first(memory, cpu, block):
    """By control groups of version 1."""
    took = number(told(cpu, "cpuacct.usage"))
    read, written = throttled(told(block, "blkio.throttle.io_service_bytes_recursive"))
    return {
        "memory": used(told(memory, "memory.usage_in_bytes"), told(memory, "memory.stat"), "total_inactive_file"),
        "limit": limit(told(memory, "memory.limit_in_bytes")),
        "cpu": None if took is None else took / NANO,
        "read": read,
        "written": written,
        "oom_kills": value(told(memory, "memory.oom_control"), "oom_kill"),
    }


def second(group):
    """By those of version 2."""
    took = value(told(group, "cpu.stat"), "usage_usec")
    read, written = transferred(told(group, "io.stat"))
    return {
        "memory": used(told(group, "memory.current"), told(group, "memory.stat"), "inactive_file"),
        "limit": limit(told(group, "memory.max")),
        "cpu": None if took is None else took / MICRO,
        "read": read,
        "written": written,
        "oom_kills": value(told(group, "memory.events"), "oom_kill"),
    }


def used(usage, stat, idle):
    """As `docker stats` says it: without files that lie in memory and were not used lately."""
    usage, idle = number(usage), value(stat, idle)
    return usage - idle if usage is not None and idle is not None and idle < usage else usage


def limit(text):
    most = number(text)
    return most if most is not None and most < UNLIMITED else None


def throttled(text):
    """Bytes read and written, of `8:0 Read 4096`."""
    return None if text is None else summed(text, " Read "), None if text is None else summed(text, " Write ")


def summed(text, word):
    amounts = [number(line.partition(word)[2]) for line in text.splitlines() if word in line]
    return sum(amount or 0 for amount in amounts)


def transferred(text):
    """Bytes read and written, of `8:0 rbytes=4096 wbytes=0 rios=1 …`."""
    if text is None:
        return None, None
    sums = {"rbytes": 0, "wbytes": 0}
    for word in text.split():
        name, _, amount = word.partition("=")
        if name in sums:
            sums[name] += number(amount) or 0
    return sums["rbytes"], sums["wbytes"]


def network(pid, proc="/proc"):
    """Bytes received and sent by the network cards that only it has; None where they are the host's."""
    before, own, after = (cards(told("%s/%s/net" % (proc, who), "dev")) for who in ("self", pid, "self"))
    if own is None or before is None or after is None or of_host(before, own, after):
        return None, None
    outside = [amounts for name, amounts in own.items() if name != "lo"]
    return sum(received for received, _ in outside), sum(sent for _, sent in outside)


def of_host(before, own, after):
    """Counts that lie between two looks at the host's, of cards with the same names: whose they are may not be asked
    by everybody."""
    return before.keys() == own.keys() == after.keys() and all(
        before[name][way] <= own[name][way] <= after[name][way] for name in own for way in (0, 1)
    )


def cards(text):
    """Name of each card → bytes received and sent."""
    if text is None:
        return None
    found = {}
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        words = rest.split()
        if colon and len(words) > 8:
            found[name.strip()] = number(words[0]) or 0, number(words[8]) or 0
    return found


def first_process(group, depth=0):
    """A pid that lives in it, or in a group of its own."""
    pid = (told(group, "cgroup.procs") or "").partition("\n")[0].strip()
    if pid.isdigit() and pid != "0":
        return pid
    below = names(group) if depth < DEEPEST else []
    return next((found for name in below for found in [first_process(group + "/" + name, depth + 1)] if found), None)


def told(group, name):
    """Text of a file; None where it is not there, or may not be read."""
    if group is None:
        return None
    try:
        with open(group + "/" + name, "rb", buffering=0) as file:
            return file.read(65536).decode("ascii", "replace")
    except OSError:
        return None


def value(text, name):
    """The number behind a name, `oom_kill 3`."""
    for line in (text or "").splitlines():
        word, _, amount = line.partition(" ")
        if word == name:
            return number(amount)
    return None


def number(text):
    text = (text or "").strip()
    return int(text) if text.isdigit() else None
