"""The image: there or to be fetched, and whether it fits on the disk."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.engines.docker.images.store import foreign, made_elsewhere, missing, runs
from gpuws.model import units
from gpuws.model.placement.plan import Check

ROOM = 30 << 30
"""Bytes: what images with CUDA and PyTorch take while they are unpacked."""

LEAST = 2 << 30
"""Bytes: less, and not even a small image or a container's own files find room."""


def image(evidence: Evidence) -> Iterator[Check]:
    profile, name, free = evidence.profile, evidence.spec.image, evidence.look.disk
    there = evidence.image is not None
    if profile.pull_policy == "never" and not there:
        error = missing(name, evidence.host)
        yield Check("image", "fail", error.message, error.remedy)
        return
    stays = there and profile.pull_policy != "always"
    if stays and (platform := foreign(evidence.image or {}, evidence.server)):
        error = made_elsewhere(name, platform, evidence.host, evidence.server)
        yield Check("image", "fail", error.message, error.remedy)
        return
    offered = evidence.platforms if evidence.server.platform else ()
    if offered and not any(runs(one, evidence.server) for one in offered):
        error = made_elsewhere(name, ", ".join(offered), evidence.host, evidence.server)
        yield Check("image", "fail", error.message, error.remedy)
        return
    what = f"{name} {'is there' if stays else 'will be built' if profile.build else 'will be pulled'}"
    left = f"{units.size(free)} free for Docker on {evidence.host}"
    remedy = "see `docker system df` there; gpuws images shows what could go"
    if free is not None and free < LEAST:
        yield Check("image", "fail", f"{what}: only {left}", remedy)
    elif free is not None and free < ROOM and not stays:
        yield Check("image", "warn", f"{what}: only {left}", remedy)
    else:
        size = (evidence.image or {}).get("Size") if stays else None
        more = f", {units.size(size)}" if isinstance(size, int) else f", {left}" if free is not None else ""
        yield Check("image", "ok", what + more)
