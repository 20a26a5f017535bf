"""What listens in a place, on the screen; one key opens it."""

from gpuws.model.errors import Refused
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.service import ListeningPort
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.sessions.doors import Door
from gpuws.tui.tunnels.ports import PortScreen
from tests.tui.driving import running, text, toasts
from tests.tui.lab import lab
from tests.tui.test_launch import screen_name
from tests.tui.test_verbs import TORCH

PORTS = (
    ListeningPort(TORCH, 6006, "tensorboard", "tensorboard", 4242, "127.0.0.1"),
    ListeningPort(TORCH, 8888, "jupyter", "jupyter-lab", 4243),
    ListeningPort(TORCH, 29500, "tcp", None),
)


async def shown(fleet, app, pilot):
    fleet.ports = PORTS
    await pilot.press("P")
    await pilot.until(lambda: screen_name(app) == "PortScreen" and "29500" in text(app))


async def test_one_key_lists_what_listens_and_another_opens_it(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await shown(fleet, app, pilot)
        assert fleet.named("listening_ports") == [("listening_ports", TORCH)]
        said = " ".join(text(app).split())
        assert "6006 TensorBoard tensorboard 4242 127.0.0.1" in said
        assert "29500 TCP – – all" in said
        assert "$ gpuws tunnel alpha/torch-dev:6006 --open" in said
        await pilot.press("o")
        await pilot.until(lambda: opened == ["http://127.0.0.1:20001/"])
        assert fleet.named("open_tunnel") == [("open_tunnel", TunnelTarget("alpha", "torch-dev", 6006), None)]


async def test_a_notebook_is_opened_with_its_token_and_what_is_no_page_by_a_tunnel_only(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await shown(fleet, app, pilot)
        await pilot.press("j", "y")
        assert app.copied == "gpuws jupyter alpha/torch-dev:8888 --open"
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("open_jupyter") and opened)
        await pilot.press("j", "o")
        await pilot.until(lambda: any("did not answer as a web page" in toast for toast in toasts(app)))
        assert not fleet.named("open_tunnel")
        await pilot.press("enter")
        await pilot.until(
            lambda: fleet.named("open_tunnel") == [("open_tunnel", TunnelTarget("alpha", "torch-dev", 29500), None)]
        )


async def test_a_hosts_notebook_server_that_is_not_mine_is_opened_at_its_login(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    fleet, alpha = lab(), PlaceRef("alpha")
    fleet.ports = (ListeningPort(alpha, 8890, "jupyter", "docker-proxy"), ListeningPort(alpha, 8888, "jupyter"))
    fleet.servers = (JupyterServer(8888),)
    async with running(fleet) as (app, pilot):
        app.push_screen(PortScreen(Door("alpha itself", alpha, None, ""), "alpha"))
        await pilot.until(lambda: "docker-proxy" in text(app))
        await pilot.press("o")
        await pilot.until(lambda: opened == ["http://127.0.0.1:20001/"])
        assert not fleet.named("open_jupyter")
        await pilot.press("j", "o")
        await pilot.until(lambda: fleet.named("open_jupyter") == [("open_jupyter", alpha, 8888)])


async def test_what_speaks_tls_is_opened_so(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    fleet = lab()
    fleet.ports = (ListeningPort(TORCH, 8443, "https", "caddy"),)
    async with running(fleet) as (app, pilot):
        await pilot.press("P")
        await pilot.until(lambda: "caddy" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: opened == ["https://127.0.0.1:20001/"])


async def test_what_is_in_the_way_stands_in_the_list():
    fleet = lab()
    fleet.fail["listening_ports"] = Refused("alpha/torch-dev: it is not yours to look into")
    async with running(fleet) as (app, pilot):
        await pilot.press("P")
        await pilot.until(lambda: "not yours to look into" in text(app))
