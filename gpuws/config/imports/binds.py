"""What an imported mount asks of its source before launch. Pure.

`docker` and Compose make a directory of a source that is not there, as root. gpuws makes one only where that is what
was meant: below my home, or beside the file, and by a name that no file has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from gpuws.model.profile.profile import BindCheck

_FILE = re.compile(r"[^.]\.[A-Za-z][A-Za-z0-9]{0,7}\Z|\A\.(?:env|netrc|[a-z]+rc|gitconfig|Xauthority)\Z")
_LABELS = ("a profile sets no SELinux label", "where SELinux is on, security_opt: [label=disable]")
_DESKTOP = ("it is for Docker Desktop and does nothing on a server", "")
_COPY = ("a profile can't say it: an empty volume gets what the image has there", "")
_SPREAD = ("a profile doesn't say how mounts spread: it is private", "")
OPTIONS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("z", "Z"), _LABELS),
    **dict.fromkeys(("cached", "delegated", "consistent"), _DESKTOP),
    **dict.fromkeys(("nocopy", "volume-nocopy"), _COPY),
    **dict.fromkeys(("shared", "slave", "rshared", "rslave", "unbindable", "runbindable"), _SPREAD),
}
"""What may stand behind a mount's target, why a profile does not say it, and what to do instead. Neither `ro` nor `rw`,
nor what says nothing."""
SILENT = frozenset({"private", "rprivate", "rw", ""})


def check_for(source: str, *, beside: bool = False) -> BindCheck:
    """`source`: as a profile has it. `beside`: it was written as a path beside the file."""
    meant = beside or source.startswith("~/")
    return "create" if meant and not _FILE.search(posixpath.basename(source)) else "exists"
