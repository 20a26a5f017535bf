"""The rows of an engine at a checkup: preflight's rules without a launch, and a few of the engine alone. Pure."""

from dataclasses import replace

import pytest

from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.checks.checkup import rows
from gpuws.engines.docker.launch.gpu_mode import Mode
from gpuws.engines.docker.launch.host_look import Look

GIB = 1 << 30
SERVER = Server("26.1.5", "1.45")
MODE = Mode("cdi", toolkit="1.18.0", cgroup_driver="systemd", root_dir="/var/lib/docker", live_restore=True)
ROOMY = Look(disk=200 * GIB, disk_full=0.4)


def judged(server=SERVER, mode=MODE, found=ROOMY, gpus=True):
    return {check.name: check for check in rows("alpha", server, mode, found, gpus=gpus)}


def test_an_engine_without_fault():
    found = judged()
    assert {check.status for check in found.values()} == {"ok"}
    assert found["engine"].detail == "Docker 26.1.5, API 1.45, GPUs through CDI"
    assert found["images"].detail == "200G free for images and containers in /var/lib/docker, 40% full"


@pytest.mark.parametrize(
    ("name", "status", "remedy", "changed"),
    [
        ("engine", "fail", "nvidia-container-toolkit", {"mode": replace(MODE, name=None)}),
        ("toolkit", "warn", "1.17.8", {"mode": replace(MODE, toolkit="1.16.1")}),
        ("toolkit", "warn", "nvidia-ctk --version", {"mode": replace(MODE, name="hook", toolkit=None)}),
        ("cgroup", "warn", "native.cgroupdriver=cgroupfs", {"mode": replace(MODE, name="hook")}),
        ("nofile", "warn", "default-ulimits", {"server": Server("29.1.0", "1.52")}),
        ("images", "warn", "gpuws images prune", {"found": Look(disk=20 * GIB)}),
        ("images", "warn", "docker system df", {"found": Look(disk=100 * GIB, disk_full=0.95)}),
        ("images", "fail", "docker system df", {"found": Look(disk=GIB)}),
    ],
)
def test_each_rule_can_complain_and_says_what_mends_it(name, status, remedy, changed):
    row = judged(**changed)[name]
    assert row.status == status
    assert remedy in row.remedy


def test_a_host_without_gpus_needs_none_from_its_engine():
    assert judged(mode=replace(MODE, name=None), gpus=False)["engine"].status == "ok"


def test_through_cdi_a_toolkit_that_can_not_be_told_is_no_warning_for_good():
    assert "toolkit" not in judged(mode=replace(MODE, toolkit=None))


def test_what_the_host_did_not_tell_has_no_row():
    assert set(judged(mode=Mode("cdi", toolkit="1.18.0"), found=Look())) == {"engine", "toolkit"}


def test_that_containers_end_with_the_engine_is_said_without_a_warning():
    row = judged(mode=replace(MODE, live_restore=False))["live_restore"]
    assert (row.status, row.remedy) == ("ok", '"live-restore": true in /etc/docker/daemon.json')
