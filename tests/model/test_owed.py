"""What a host has not told yet is said, with the reason."""

import pytest

from gpuws.model.gpu.fault import Fault
from gpuws.model.host.completeness import HOLDERS, final, shortfall
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot

SLOW = "waiting for NVML, which takes long to start"


def host(*complete, **changes):
    return HostSnapshot("alpha", changes.pop("state", HostState.UP), complete=frozenset(complete), **changes)


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (host("telemetry", "containers"), None),
        (host(state=HostState.DOWN), None),  # said of it otherwise
        (host("containers", telemetry_error=Fault("starting", SLOW)), f"alpha: its GPUs are not read yet: {SLOW}"),
        (host("telemetry"), "alpha: its containers are not read yet"),
        (host(), "alpha: its GPUs and containers are not read yet"),
        (
            host("containers", coverage="failed", telemetry_error=Fault("reboot-pending", "mismatch")),
            "alpha: its GPUs can't be read: mismatch",
        ),
        (
            host(coverage="failed", telemetry_error=Fault("reboot-pending", "mismatch")),
            "alpha: its GPUs and containers are not read yet: mismatch",
        ),
    ],
)
def test_what_is_missing_is_said(snapshot, said):
    found = shortfall(snapshot, HOLDERS)
    assert (found and found.message) == said
    assert found is None or found.exit_code == 3
    assert found is None or bool(found.remedy) is not final(snapshot, HOLDERS)  # longer waiting helps, or does not
