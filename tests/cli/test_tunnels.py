"""A tunnel to something without a login, on a machine where others are logged in."""

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.tunnels import tunnels as tunnelling
from gpuws.model.errors import Refused
from gpuws.model.session.tunnel import Tunnel, TunnelTarget


class Fleet:
    """Opens tunnels, and remembers which are open."""

    def __init__(self):
        self.open = {}

    def opener(self, port):
        tunnel = Tunnel("alpha:6006", TunnelTarget("alpha", None, 6006), port or 20001)
        return self.open.setdefault(tunnel.id, tunnel)

    def tunnels(self):
        return tuple(self.open.values())

    def close_tunnel(self, tunnel_id):
        del self.open[tunnel_id]


@pytest.fixture
def fleet(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(tunnelling, "reached_by", lambda _tunnel: ("bob",))
    return Fleet()


def test_where_nobody_can_be_asked_it_is_closed_again(fleet):
    with pytest.raises(Refused) as caught:
        tunnelling._agreed(fleet, Options(), fleet.opener, None)
    assert "--yes" in caught.value.remedy
    assert not fleet.open


def test_a_yes_opens_it_on_the_same_port(fleet, monkeypatch):
    asked = []
    monkeypatch.setattr(tunnelling, "agree", lambda text, _flag: asked.append((text, dict(fleet.open))))
    assert tunnelling._agreed(fleet, Options(), fleet.opener, 20007).local_port == 20007
    ((text, meanwhile),) = asked
    assert text.startswith("alpha:6006 asks for no login, and bob is logged in here, too")
    assert meanwhile == {}  # nobody reaches it while the question stands


def test_one_that_is_open_already_is_neither_asked_about_nor_closed(fleet, monkeypatch):
    monkeypatch.setattr(tunnelling, "agree", lambda *_: pytest.fail("asked"))
    first = fleet.opener(None)
    assert tunnelling._agreed(fleet, Options(), fleet.opener, None) is first


def test_the_flag_answers_and_what_everybody_should_know_is_said_once(fleet, capsys):
    for _ in range(2):
        tunnelling._agreed(fleet, Options(yes=True), fleet.opener, None)
        fleet.open.clear()
    assert capsys.readouterr().err.count("every user of this machine") == 1


def test_in_the_demo_it_takes_connections_where_it_is_told_to(gpuws):
    refused = gpuws("tunnel", "alpha/torch-dev:6006", "--bind", "0.0.0.0")
    assert refused.returncode == 5
    assert "no terminal to ask on" in refused.stderr
    wrong = gpuws("tunnel", "alpha/torch-dev:6006", "--bind", "eth0")
    assert (wrong.returncode, "not an address" in wrong.stderr) == (2, True)
    none = gpuws("tunnel", "alpha/torch-dev:mlflow")
    assert none.returncode == 4
    assert "what does: TensorBoard on 6006, Jupyter on 8888" in none.stderr
    container = gpuws("tunnel", "alpha/torch-dev", "--to", "db:5432")
    assert container.returncode == 2
    assert "reached from a host" in container.stderr
