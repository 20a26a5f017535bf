"""What binds and devices give away beyond their own files: the host, its engine, or keys of mine. Pure."""

from __future__ import annotations

import posixpath
import re

from gpuws.model.profile.profile import HostDevice, Volume

ENGINES = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock", "dockershim.sock")
"""Sockets by which whoever reaches them is root on the host."""

SOCKET_DIRECTORIES = ("/run", "/run/docker", "/run/containerd", "/run/podman", "/run/crio", "/run/buildkit")
"""Where they lie: with the directory goes the socket."""

_USERS_SOCKETS = re.compile(r"/run/user(?:/\d+(?:/podman)?)?\Z")
"""Where a rootless engine's lies."""

SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/root", "/sbin", "/usr", "/var", "/var/lib", "/var/spool/cron")
TREES = ("/dev", "/etc", "/proc", "/root", "/sys", "/var/lib/containerd", "/var/lib/containers", "/var/lib/docker")
"""Directories of the system's: these themselves, and of the second also what lies in them."""

HARMLESS = ("/dev/shm", "/dev/infiniband", "/etc/hosts", "/etc/localtime", "/etc/timezone", "/sys/class/infiniband")
"""Mounted for the clock, for names and for fast networks; nothing is won by them."""

KEYS = (".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".git-credentials", ".config/gcloud")
"""What in a home directory lets its reader in elsewhere."""

PUBLIC = (".ssh/authorized_keys", ".ssh/known_hosts")
"""Worth nothing to a reader; whoever writes there is let in."""


_DEVICES = (
    (re.compile(r"/dev(?:/(?:char|block))?\Z"), "every device of {host}: disks, memory, GPUs"),
    (re.compile(r"/dev/(?:nvidia|nvidia-caps(?:/|\Z))"), "a GPU of {host} that `gpus` does not count"),
    (re.compile(r"/dev/(?:mem|kmem|port|kcore|cpu|vfio|hugepages|pmem|dax)"), "the memory of {host}"),
    (
        re.compile(r"/dev/(?:sd|hd|vd|xvd|nvme|dm-|md|loop|mapper|disk|nbd|zd|zvol|zfs|sg|sr|bsg|ram|mmcblk|btrfs)"),
        "a disk of {host}, past the rights of its files",
    ),
    (re.compile(r"/dev/(?:input|uinput|console|tty|vcs|hidraw|bus)"), "what is typed and plugged in at {host}"),
    (re.compile(r"/dev/(?:kmsg|watchdog|rtc|mcelog|ipmi|tpm)"), "the kernel and the hardware of {host}"),
)
_HARMLESS_DEVICES = re.compile(
    r"/dev/(?:infiniband|fuse|dri|kfd|kvm|net/tun|snd|gdrdrv|shm|video\d+|null|zero|full|random|urandom)(?:/|\Z)"
)
"""Of fast networks, file systems of one's own, other makers' GPUs; whoever may use a host may use them."""


def given_by_device(device: HostDevice) -> str:
    """What programs that have the device hold of `{host}`; "" nothing."""
    path = posixpath.normpath(device.source)
    if _HARMLESS_DEVICES.match(path):
        return ""
    return next((gives for known, gives in _DEVICES if known.match(path)), "a device of {host} that is not known here")


def given(bind: Volume, home: str) -> str:
    """What the bind gives away on `{host}`; "" nothing. `home`: my home directory there."""
    path = "/" + posixpath.normpath(bind.source or "").lstrip("/")  # POSIX keeps two slashes in front
    path = path.removeprefix("/var") if _below(path, "/var/run") else path
    if path == "/":
        return "all of {host}"
    if posixpath.basename(path) in ENGINES or path in SOCKET_DIRECTORIES or _USERS_SOCKETS.match(path):
        return "an engine's socket: it is root on {host}"
    if any(_below(path, harmless) for harmless in HARMLESS):
        return ""
    if path in SYSTEM or any(_below(path, tree) for tree in TREES):
        return "the system of {host}"
    return _of_home(path, home.rstrip("/"), bind) if home.rstrip("/") else ""


def _of_home(path: str, home: str, bind: Volume) -> str:
    if _below(home, path):
        return "all of your home directory there, your keys with it"
    if any(path == f"{home}/{name}" for name in PUBLIC) or (path.startswith(f"{home}/.ssh/") and path.endswith(".pub")):
        return "" if bind.read_only else "whoever writes there is let in as you"
    if any(_below(path, f"{home}/{name}") or _below(f"{home}/{name}", path) for name in KEYS):
        return "keys of yours"
    return ""


def _below(path: str, tree: str) -> bool:
    """Whether `path` is `tree` or lies in it."""
    return path == tree or path.startswith(f"{tree}/")
