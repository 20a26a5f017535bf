"""A container as the profile that would make it again, literally: `portable` makes it fit for other days. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.options import resources
from gpuws.engines.docker.options.option import Inspected
from gpuws.engines.docker.options.table import OPTIONS
from gpuws.engines.docker.options.unsupported import lost_in_profiles
from gpuws.model.profile.captured import Captured
from gpuws.model.profile.profile import Profile
from gpuws.model.secret import secret_names
from gpuws.model.text import plain

_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def read(inspected: Mapping[str, Any], image: Mapping[str, Any], reference: str) -> Captured:
    """`inspected`: the container; `image`: the `Config` of its image, empty where unknown; `reference`: its name.

    Everything as it is there: GPUs by UUID or index, paths in full, the user by number, secrets among the values."""
    told = Inspected.of(inspected, image, reference)
    said = {option.key: option.read(told) for option in OPTIONS if option.read}
    profile = Profile(name_for(str(inspected.get("Name") or "")), gpu_memory=resources.cap(told), **said)
    lost = (plain(line, 300) for option in OPTIONS if option.lost for line in option.lost(told))
    return Captured(profile, (*lost_in_profiles(told), *lost), secret_names=secret_names(told.mine.labels))


def name_for(name: str) -> str:
    """A profile's name from a container's."""
    return _NAME.sub("-", name.removeprefix("/")).strip("-._")[:128] or "captured"
