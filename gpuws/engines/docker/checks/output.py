"""What is run to see whether it is well, and who reads what it prints."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.checks.evidence import Evidence
from gpuws.model.placement.follow import HEALTHY
from gpuws.model.placement.plan import Check

_FILES = ("json-file", "local")
_OF_THE_HOST = ("journald", "syslog")


def health(evidence: Evidence) -> Iterator[Check]:
    """Every test starts a program there."""
    check = evidence.profile.healthcheck
    if check and check.interval and check.interval < 1:
        text = f"a health check every {check.interval:g} s: each starts a program on {evidence.host}"
        yield Check("healthcheck", "warn", text, "interval: 30s")


def ready(evidence: Evidence) -> Iterator[Check]:
    """A check that the launch is to wait for must be there."""
    check, image = evidence.profile.healthcheck, evidence.image_config.get("Healthcheck")
    off = check is not None and check.test is not None and check.test[:1] == ("NONE",)
    own = check is not None and check.test is not None and not off
    unknown = evidence.image is None and not off
    if evidence.ready == HEALTHY and not own and not unknown and (off or not image):
        text = "nothing says whether it is healthy: neither its profile nor its image has a health check"
        yield Check("ready", "fail", text, "give the profile a healthcheck, or wait for a port: --wait-ready 8888")


def log(evidence: Evidence) -> Iterator[Check]:
    logging = evidence.profile.logging
    if logging is None:
        return
    if logging.driver == "none":
        yield Check("logging", "warn", "what it prints is kept nowhere: its logs stay empty", "driver: local")
    elif logging.driver == "json-file" and "max-size" not in logging.options:
        text = f"its log grows until the disk of {evidence.host} is full: json-file never rotates by itself"
        yield Check("logging", "warn", text, "options: {max-size: 20m, max-file: 5}, or leave logging out")
    elif logging.driver in _FILES:
        yield Check("logging", "ok", f"its log is kept by {logging.driver}")
    elif logging.driver in _OF_THE_HOST and not any("address" in name for name in logging.options):
        text = f"what it prints goes into the {logging.driver} of {evidence.host}: whoever may read that reads it"
        yield Check("logging", "warn", text, "driver: local keeps it with the container")
    else:
        yield Check("logging", "warn", f"what it prints leaves {evidence.host} by {logging.driver}", "driver: local")
