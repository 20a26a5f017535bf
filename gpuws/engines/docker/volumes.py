"""Where a profile's volumes lie on the host, and whether they are what the profile says."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.plan import Check
from gpuws.model.profile import BindCheck, Volume

CHECK_TIMEOUT = 10.0

# Arguments: pairs of a check's name and a path. A line each: the finding. `parent` is the nearest directory there is.
_LOOK = r"""
while [ $# -gt 1 ]; do
  wanted=$1 path=$2
  shift 2
  if [ ! -e "$path" ]; then
    parent=$path
    while [ ! -d "$parent" ]; do case $parent in ?*/*) parent=${parent%/*} ;; *) parent=/ ;; esac; done
    if [ "$wanted" = create ] && [ -w "$parent" ]; then echo creatable; else echo missing; fi
  elif [ "$wanted" = mounted ] && [ "$(stat -c %d "$path")" = "$(stat -c %d /)" ]; then echo unmounted
  elif [ "$wanted" = writable ] && [ ! -w "$path" ]; then echo readonly
  else echo ok; fi
done
"""

_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("{path} does not exist on {host}", "make it there, or give the volume check: create"),
    "unmounted": ("nothing is mounted at {path} on {host}", "ask its admin: the data's file system is not there"),
    "readonly": ("you may not write to {path} on {host}", "choose a directory of yours, or check: exists"),
}


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


def check(place: Place, volumes: Sequence[Volume], host: str) -> list[Check]:
    """One look at the host for all binds."""
    binds = [volume for volume in volumes if volume.type == "bind" and volume.source]
    if not binds:
        return []
    argv = ["sh", "-c", _LOOK, "sh"] + [word for bind in binds for word in (bind.check, bind.source or "")]
    try:
        done = place.run(argv, timeout=CHECK_TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        text = f"{host} did not say within {CHECK_TIMEOUT:g} s whether the volumes are there"
        return [Check("volumes", "fail", text, "a file system there may hang: try `ls` on it")]
    findings = done.stdout.decode(errors="replace").split()
    findings += ["missing"] * (len(binds) - len(findings))
    return [_row(bind, finding, host) for bind, finding in zip(binds, findings, strict=False)]


def create(place: Place, volumes: Sequence[Volume], host: str) -> None:
    """Make the directories of `check: create` that are missing, as me."""
    paths = [volume.source for volume in volumes if volume.type == "bind" and _is(volume, "create") and volume.source]
    if not paths:
        return
    done = place.run(["mkdir", "-p", "--", *paths], timeout=CHECK_TIMEOUT)
    if not done.ok:
        said = done.stderr.decode(errors="replace").strip()
        raise GpuwsError(f"a volume's directory can't be made on {host}: {said}")


def _is(volume: Volume, wanted: BindCheck) -> bool:
    return volume.check == wanted


def _row(bind: Volume, finding: str, host: str) -> Check:
    if finding == "creatable":
        return Check("volumes", "ok", f"{bind.source} will be made on {host}")
    if finding not in _SENTENCES:
        return Check("volumes", "ok", f"{bind.source} → {bind.target}")
    sentence, remedy = _SENTENCES[finding]
    return Check("volumes", "fail", sentence.format(path=bind.source, host=host), remedy)
