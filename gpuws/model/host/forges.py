"""Which SSH aliases lead to git forges: they answer ssh, but nobody trains there. Pure."""

from __future__ import annotations

import re

_FORGES = re.compile(
    r"(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|sr\.ht|gitee\.com|hf\.co|huggingface\.co"
    r"|dev\.azure\.com|visualstudio\.com|sourceforge\.net|launchpad\.net|gitea\.com|aur\.archlinux\.org)\Z"
    r"|^(?:altssh|ssh|git|gitlab|gitea|forgejo|gerrit|code\.review|review)\.",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?:^|[._-])(?:github|gitlab|bitbucket|codeberg|gitea|forgejo|gerrit)(?:[._-]|\Z)", re.IGNORECASE)


def is_forge(name: str, hostname: str | None) -> bool:
    """Whether the alias `name`, which leads to `hostname`, looks like a git forge."""
    return bool(_NAMES.search(name) or _FORGES.search(hostname or name))
