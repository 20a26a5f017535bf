"""What a container's image is called, so that it can be had again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table
from gpuws.engines.docker.images.store import NO_NAME


def reference_of(inspected: Mapping[str, Any], image: Mapping[str, Any]) -> str:
    """The name it was created by; where that is an id, a name that the image has."""
    asked = str(table(inspected.get("Config")).get("Image") or "")
    identity = str(inspected.get("Image") or "")
    if asked and not is_id(asked, identity):
        return asked
    names = [
        str(name) for key in ("RepoTags", "RepoDigests") for name in rows(image.get(key)) if NO_NAME not in str(name)
    ]
    return names[0] if names else identity or asked


def is_id(name: str, identity: str) -> bool:
    """Whether `name` is (the beginning of) the image's id."""
    digits = identity.removeprefix("sha256:")
    return name.startswith("sha256:") or (len(name) >= 4 and bool(digits) and digits.startswith(name))
