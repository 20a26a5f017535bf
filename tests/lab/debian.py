"""Minimal Debian trees, made by debootstrap from the mirror that this machine uses, kept in the cache."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.lab import shell
from tests.lab.paths import cache_dir
from tests.lab.report import say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
NOT_NEEDED = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def tree(release: str, packages: str, key: str) -> Path:
    """A tar file with a minimal Debian of that release and these packages (comma-separated)."""
    file = cache_dir() / "base" / f"{release}-{key}.tar"
    if file.exists():
        return file
    say(f"debootstrap {release}")
    file.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(file.parent, release)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{release}-") as directory:
        argv = ["debootstrap", "--variant=minbase", f"--keyring={KEYRING}", f"--include={packages}", release, directory]
        shell.run([*argv, *_mirror()], extra_env=proxy(), timeout=1200)
        for name in NOT_NEEDED:
            shutil.rmtree(Path(directory, name), ignore_errors=True)
        partial = file.with_suffix(".partial")
        shell.run(["tar", "-C", directory, "-cf", partial, "."])
        partial.replace(file)
    for older in file.parent.glob(f"{release}-*.tar"):
        if older != file:
            older.unlink()
    return file


def proxy() -> dict[str, str]:
    """The proxy that apt is told to use, as programs read it from the environment."""
    said = (
        shell.output(["apt-config", "shell", "http_proxy", "Acquire::http::Proxy"])
        if shutil.which("apt-config")
        else ""
    )
    found = re.fullmatch(r"http_proxy='(.+)'", said)
    return {"http_proxy": found[1]} if found else {}


def _clear_leftovers(directory: Path, release: str) -> None:
    """Trees of a debootstrap that was killed; it mounts /proc in them."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for leftover in directory.glob(f".{release}-*"):
        for mount in reversed([mount for mount in mounts if mount.startswith(f"{leftover}/")]):
            shell.run(["umount", "--lazy", mount])
        shutil.rmtree(leftover)


def mirror() -> str:
    """Where packages of any release come from."""
    return next(iter(_mirror()), "http://deb.debian.org/debian")


def _mirror() -> list[str]:
    """The mirror of this machine where it is a Debian; else none, which means debootstrap's own default."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    codename = release.get("VERSION_CODENAME", "").strip('"')
    return next(([uri] for uri, suites in _sources() if codename in suites and uri.rstrip("/").endswith("/debian")), [])


def _sources() -> Iterator[tuple[str, list[str]]]:
    """(URI, suites) of this machine's package sources, from one-line and deb822 files."""
    parts = Path("/etc/apt/sources.list.d")
    for file in (Path("/etc/apt/sources.list"), *sorted(parts.glob("*.list"))):
        text = file.read_text() if file.exists() else ""
        for uri, suite in re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s", text, re.MULTILINE):
            yield uri, [suite]
    for file in sorted(parts.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            for uri in fields.get("URIs", "").split():
                yield uri, fields.get("Suites", "").split()
