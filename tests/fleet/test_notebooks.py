"""Which server is opened, and how servers are looked for in what is not mine: nothing runs there."""

import pytest

from gpuws.fleet.local.shared import notebooks, places
from gpuws.fleet.local.shared.notebooks import look_for, the_one
from gpuws.model.errors import Ambiguous, GpuwsError, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.workspace.workspace import PlaceRef
from tests.jupyter.test_outside import PASSWD, Files, row

FIRST, SECOND = JupyterServer(8888, token="a"), JupyterServer(8890, token="b")
SOCKET = JupyterServer(0, socket="/run/jup.sock")
JUP = PlaceRef("alpha", "1" * 64)


def test_of_several_a_port_chooses():
    assert the_one([FIRST], None, "alpha") is FIRST
    assert the_one([FIRST, SECOND], 8890, "alpha") is SECOND
    with pytest.raises(Ambiguous, match="port 8888, port 8890") as error:
        the_one([FIRST, SECOND], None, "alpha/jup")
    assert error.value.remedy == "name a port: gpuws jupyter alpha/jup:8888"
    with pytest.raises(TargetError, match="no Jupyter server listens on port 9999") as error:
        the_one([FIRST, SOCKET], 9999, "alpha")
    assert error.value.remedy == "port 8888, socket /run/jup.sock there"


def test_a_server_of_a_hub_is_opened_at_its_hub():
    hub = JupyterServer(8888, hub="https://hub.lab/user/ann/")
    with pytest.raises(TargetError, match="belongs to a JupyterHub") as error:
        the_one([hub], None, "alpha")
    assert error.value.remedy == "log in there: https://hub.lab/user/ann/"


class Places:
    """alpha, on which nothing may be executed in jup. `up`: the ports that answer."""

    def __init__(self, files, up):
        self.files, self.up, self.dialled = files, up, []

    def may_enter(self, ref):
        return False

    def engine(self, ref):
        return self

    def inspect(self, workspace_id):
        return {"Config": {"Env": ["HOME=/home/work"]}}

    def dial_outside(self, ref, port):
        self.dialled.append(port)
        if port not in self.up:
            raise GpuwsError("refused")
        return port


def test_in_what_is_not_mine_records_are_read_by_the_engine_and_asked_from_outside(monkeypatch):
    folder = "/home/work/.local/share/jupyter/runtime"
    there = {"/etc/passwd": PASSWD} | {f"{folder}/jpserver-{port}.json": row(port, f"t{port}") for port in (1, 2)}
    monkeypatch.setattr(notebooks, "answers", lambda stream, server: True)
    places = Places(Files(there), {2})
    assert [one.token for one in look_for(places, JUP)] == ["t2"]  # the other one's server is gone
    assert places.dialled == [2, 1]


class Host:
    """alpha's link: only these addresses take connections."""

    readonly = False

    def __init__(self, *up):
        self.up, self.dialled = up, []

    def find(self, name):
        return self

    def link(self):
        return self

    def dial_tcp(self, address, port):
        self.dialled.append(address)
        if address not in self.up:
            raise GpuwsError(f"{address}:{port} refused")
        return address

    def dial_unix(self, path):
        return path


@pytest.mark.parametrize(
    ("up", "address", "dialled"),
    [
        ("127.0.0.1", "", ["127.0.0.1"]),
        ("::1", "", ["127.0.0.1", "::1"]),  # whatever listens on IPv6 only
        ("::1", "::1", ["::1"]),
        ("10.0.0.5", "10.0.0.5", ["10.0.0.5"]),
        ("/run/jup.sock", "/run/jup.sock", []),
    ],
)
def test_a_server_of_a_host_is_reached_where_it_listens(up, address, dialled):
    host = Host(up)
    assert places.Places(host).dial(PlaceRef("alpha"), 8888, address) == up
    assert host.dialled == dialled


def test_what_nothing_listens_on_is_told_by_its_usual_address():
    with pytest.raises(GpuwsError, match=r"127\.0\.0\.1:8888 refused"):
        places.Places(Host()).dial(PlaceRef("alpha"), 8888)


def test_on_a_host_that_may_not_be_changed_nothing_is_looked_for():
    places = Places(Files({}), ())
    places.files.asked = None  # it would fail
    assert look_for(places, PlaceRef("alpha")) == ()
