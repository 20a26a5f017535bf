"""Which processes load this machine, as the agent and a shell tell it when they are asked."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from gpuws.model.errors import HostError
from gpuws.model.host.host import Host
from gpuws.probe.client import Probe
from gpuws.probe.parse_load import parse_load
from gpuws.probe.smi.load import read_load
from tests.probe.local_place import LocalPlace

BURN = "import sys; print('go', flush=True)\nwhile True: pass"


@pytest.fixture
def burning():
    child = subprocess.Popen([sys.executable, "-c", BURN, "--api-key=sesame"], stdout=subprocess.PIPE)
    child.stdout.readline()
    yield child.pid
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.fixture
def probe():
    found = SimpleNamespace(said=threading.Event(), readings=[])
    ran = Probe(LocalPlace(), Host("here"), lambda _: None, found.readings.append, lambda _: found.said.set())
    ran.start()
    yield ran
    ran.close()


def burner(told, pid):
    (one,) = [each for each in told.processes if each.pid == pid]
    assert one.cpu_percent > 5
    assert one.memory > 2 << 20
    assert "while True" in one.command
    assert "sesame" not in one.command  # as everywhere, a secret is not shown
    assert one.user
    assert one.started_at
    return one


def test_the_agent_tells_when_asked(probe, burning):
    first = probe.busiest()
    one = burner(first, burning)
    assert one.state in ("R", "S")
    assert one.parent
    assert first.count > len(first.processes) > 0
    assert first.stalled == ()
    assert 0.5 <= first.seconds < 5
    assert burner(probe.busiest(), burning).pid == burning


def test_one_that_is_over_says_so(probe):
    probe.busiest()
    probe.close()
    with pytest.raises(HostError, match="processes can't be read"):
        probe.busiest()


def test_a_shell_tells_where_there_is_no_python(burning):
    told = read_load(LocalPlace())
    burner(told, burning)
    assert told.count > len(told.processes) > 0
    assert not told.hidden


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b'{"type":"busiest"',
        b'["type":"busiest"]',
        b'{"type":"sample","x":{"type":"busiest"}}',
        b'{"type":"busiest","processes":[1,{"pid":-1},{"pid":"x"}],"stalled":[{},{"server":1}],"seconds":"x"}',
    ],
)
def test_whatever_a_host_answers_nothing_breaks(line):
    told = parse_load(line)
    assert told is None or (told.processes, told.stalled, told.seconds) == ((), (), None)


def test_text_of_a_host_is_data():
    told = parse_load(
        b'{"type":"busiest","processes":[{"pid":7,"name":"a\\u001b[2Jb","command":"x\\u0007y","waits":9,'
        b'"waits_in":"rpc\\n"}],"stalled":[{"server":"n\\u001bas","places":["/a\\r"],"waiting":[[7,"x"],3,["y"]]}]}'
    )
    (one,), (mount,) = told.processes, told.stalled
    assert "\x1b" not in one.name + one.command + one.waits_in + mount.server + mount.places[0]
    assert mount.waiting == (7,)
