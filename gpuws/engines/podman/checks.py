"""What of Podman may surprise whoever knows Docker: nothing of a rootless one lasts by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.podman.survey import Survey
from gpuws.model.placement.plan import Check


def rows(host: str, mode: Mode, survey: Survey | None) -> Iterator[Check]:
    """Of the doctor. `survey` None: it was found where a person said, and nothing else was asked."""
    if mode.unlimited:
        text = f"mem_limit, cpus and pids_limit are ignored: the kernel of {host} has cgroup v1, and Podman is rootless"
        yield Check("limits", "warn", text, "ask its admin for cgroup v2 (systemd.unified_cgroup_hierarchy=1)")
    if mode.rootless and survey is not None and survey.logind:
        if survey.linger:
            yield Check("linger", "ok", "containers go on when you log out")
        else:
            text = f"containers end when you log out of {host}, and with gpuws' connection"
            yield Check("linger", "warn", text, f"there: loginctl enable-linger {survey.login}")
