"""A host on which no agent can run still has its GPUs, people and sessions."""

import os
import queue
import shutil

import pytest

from gpuws.fleet.local.host.parts import Parts
from gpuws.fleet.local.host.telemetry import Telemetry
from gpuws.model.host.host import Host
from gpuws.probe.client import no_python
from tests.probe.local_place import LocalPlace
from tests.probe.smi.conftest import Machine
from tests.probe.smi.test_smi_probe import gpu


class Told:
    """The parts as the telemetry changes them."""

    def __init__(self):
        self.parts = Parts()
        self.changes: queue.Queue[Parts] = queue.Queue()

    def __call__(self, change):
        self.parts = change(self.parts)
        self.changes.put(self.parts)

    def until(self, wanted):
        for _ in range(200):
            parts = self.changes.get(timeout=20)
            if wanted(parts):
                return parts
        raise AssertionError(parts)


@pytest.fixture
def told(tmp_path):
    machine = Machine(tmp_path)
    if tmux := shutil.which("tmux"):
        (tmp_path / "bin" / "tmux").symlink_to(tmux)
    machine.write(gpus=[gpu(0)])
    link, told = LocalPlace({**machine.env, "TMUX_TMPDIR": str(tmp_path)}), Told()
    host = Host("local", telemetry_interval=1.0, python="/no/such/python3")
    telemetry = Telemetry(host, link, told)
    telemetry.start()
    yield told
    telemetry.close()
    link.close()


def test_no_python_is_nvidia_smi_with_the_reason(told):
    parts = told.until(lambda parts: parts.reading and parts.reading.source)
    assert parts.reading.source == "nvidia-smi"
    assert parts.reading.gpus[0].uuid == gpu(0)["uuid"]
    assert parts.reading.error == no_python("/no/such/python3", unfit=False)
    assert parts.facts.uid == os.getuid()
    assert not [session for session in parts.sessions if not session.socket]  # others' tests have their own
