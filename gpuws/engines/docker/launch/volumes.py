"""Where a profile's volumes lie on the host, and whether they are what the profile says."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gpuws.engines.docker.launch.file_mounts import Kind, mismatch, missing
from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.placement.plan import Check
from gpuws.model.profile.exposure import given
from gpuws.model.profile.profile import BindCheck, Volume

CHECK_TIMEOUT = 10.0

# Arguments: pairs of a check's name and a path. A line each: the finding, `rw` or `ro` as I may write there, the file
# system, what it is, a directory above that is closed to others, and after a tab where the path leads, links followed.
# `parent` is the nearest directory there is.
_LOOK = r"""
kind() { stat -f -c %T "$1" 2>/dev/null || echo unknown; }
what() { if [ -d "$1" ]; then echo directory; elif [ -f "$1" ]; then echo file; else echo other; fi; }
real() { readlink -f -- "$1" 2>/dev/null || printf %s "$1"; }
closed() {
  above=${1%/*}
  while [ -n "$above" ]; do
    case $(kind "$above") in nfs*) ;; *) return ;; esac
    case $(stat -c %a "$above") in *[1357]) ;; *) printf %s "$above"; return ;; esac
    above=${above%/*}
  done
}
while [ $# -gt 1 ]; do
  wanted=$1 path=$2 finding=ok
  shift 2
  if [ ! -e "$path" ]; then
    parent=$path
    while [ ! -d "$parent" ]; do case $parent in ?*/*) parent=${parent%/*} ;; *) parent=/ ;; esac; done
    finding=missing
    if [ "$wanted" = create ] && [ -w "$parent" ]; then finding=creatable; fi
    printf '%s\t%s\n' "$finding rw $(kind "$parent") other $(closed "$path")" "$(real "$path")"
    continue
  fi
  if [ "$wanted" = mounted ] && [ "$(stat -c %d "$path")" = "$(stat -c %d /)" ]; then finding=unmounted
  elif [ "$wanted" = writable ] && [ ! -w "$path" ]; then finding=readonly; fi
  if [ -w "$path" ]; then access=rw; else access=ro; fi
  printf '%s\t%s\n' "$finding $access $(kind "$path") $(what "$path") $(closed "$path")" "$(real "$path")"
done
"""

_MAKE = 'for path; do [ -e "$path" ] || mkdir -p -- "$path" || exit; done'
KINDS: Mapping[str, Kind] = {"file": "file", "directory": "directory"}
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("{path} does not exist on {host}", "make it there, or give the volume check: create"),
    "unmounted": ("nothing is mounted at {path} on {host}", "ask its admin: the data's file system is not there"),
    "readonly": ("you may not write to {path} on {host}", "choose a directory of yours, or check: exists"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a bind's source is on the host. `writable` by me; `closed`: a directory of NFS above it that only its owner
    may pass, where Docker, being root, is nobody. `real`: where it leads, links followed; "" as it is written. `kind`:
    what is there."""

    verdict: str = "missing"
    writable: bool = True
    file_system: str = "unknown"
    closed: str = ""
    real: str = ""
    kind: Kind = "other"

    @property
    def on_nfs(self) -> bool:
        return self.file_system.startswith("nfs")


def resolve(volumes: Sequence[Volume], home: str) -> tuple[Volume, ...]:
    """`~` and relative sources of binds become paths in my home directory on that host."""
    return tuple(
        replace(volume, source=absolute(volume.source, home)) if volume.type == "bind" and volume.source else volume
        for volume in volumes
    )


def absolute(source: str, home: str) -> str:
    if source == "~" or source.startswith("~/"):
        source = home + source[1:]
    return posixpath.normpath(posixpath.join(home, source))


def look(place: Place, volumes: Sequence[Volume]) -> list[Finding] | None:
    """One look at the host for all binds, in their order; None where it did not answer in time."""
    binds = _binds(volumes)
    if not binds:
        return []
    argv = ["sh", "-c", _LOOK, "sh"] + [word for bind in binds for word in (bind.check, bind.source or "")]
    try:
        done = place.run(argv, timeout=CHECK_TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        return None
    found = parse(done.stdout.decode(errors="replace"))
    return found + [Finding()] * (len(binds) - len(found))


def parse(text: str) -> list[Finding]:
    lines = (line.partition("\t") for line in text.splitlines())
    found = ((told.split(" ", 4), real) for told, _, real in lines)
    return [
        Finding(words[0], words[1] == "rw", words[2], words[4], real, KINDS.get(words[3], "other"))
        for words, real in found
        if len(words) == 5
    ]


def judge(
    volumes: Sequence[Volume],
    found: Sequence[Finding] | None,
    user: str | None,
    host: str,
    home: str,
    working_dir: str | None = None,
) -> list[Check]:
    """`user`: who runs in the container, as uid:gid; None is the image's own. `home`: my directory on that host.
    `working_dir`: where its program begins, None: as the image says."""
    if found is None:
        text = f"{host} did not say within {CHECK_TIMEOUT:g} s whether the volumes are there"
        return [Check("volumes", "fail", text, "a file system there may hang: try `ls` on it")]
    rows: list[Check] = []
    for bind, finding in zip(_binds(volumes), found, strict=False):
        row, leads = _row(bind, finding, user, host), replace(bind, source=finding.real or bind.source)
        gives = given(bind, home) or given(leads, home)
        rows += [row] if row.status != "ok" or not gives else []
        rows += mismatch(bind, finding.kind, host, working_dir) if finding.verdict == "ok" else ()
        rows += [_exposed(bind, leads.source, gives.format(host=host))] if gives else []
    return rows


def _exposed(bind: Volume, leads: str | None, gives: str) -> Check:
    where = f"{bind.source}, which leads to {leads}," if leads != bind.source else f"{bind.source}"
    text = f"{where} is mounted {'to read' if bind.read_only else 'to write'}: that is {gives}"
    return Check("volumes", "warn", text, "mount only the directories that it needs")


def _binds(volumes: Sequence[Volume]) -> list[Volume]:
    return [volume for volume in volumes if volume.type == "bind" and volume.source]


def create(place: Place, volumes: Sequence[Volume], host: str) -> None:
    """Make the directories of `check: create` that are missing, as me."""
    paths = [volume.source for volume in volumes if volume.type == "bind" and _is(volume, "create") and volume.source]
    if not paths:
        return
    done = place.run(["sh", "-c", _MAKE, "sh", *paths], timeout=CHECK_TIMEOUT)
    if not done.ok:
        said = done.stderr.decode(errors="replace").strip()
        raise GpuwsError(f"a volume's directory can't be made on {host}: {said}")


def _is(volume: Volume, wanted: BindCheck) -> bool:
    return volume.check == wanted


def _row(bind: Volume, finding: Finding, user: str | None, host: str) -> Check:
    path = bind.source or ""
    looks = missing(bind, host) if finding.verdict in ("missing", "creatable") else None
    if looks and (looks.status == "fail") == (finding.verdict == "missing"):
        return looks
    if finding.verdict in _SENTENCES:
        sentence, remedy = _SENTENCES[finding.verdict]
        return Check("volumes", "fail", sentence.format(path=path, host=host), remedy)
    if finding.closed:
        text = (
            f"{path} is on NFS below {finding.closed}, which is closed to others: Docker may not get in (root_squash)"
        )
        return Check("volumes", "warn", text, f"chmod o+x {finding.closed}, or mount another directory")
    root = (user or "0").partition(":")[0] == "0"
    if finding.on_nfs and root and not bind.read_only:
        text = f"{path} is on NFS, where root in the container is nobody (root_squash): it may not write"
        return Check("volumes", "warn", text, "user: host runs it as you")
    if finding.verdict == "creatable":
        return Check("volumes", "ok", f"{path} will be made on {host}")
    if not finding.writable and not bind.read_only and not root:
        text = f"you may only read {path} on {host}"
        return Check("volumes", "warn", text, "say so with read_only: true, or choose a directory of yours")
    return Check("volumes", "ok", f"{path} → {bind.target}")
