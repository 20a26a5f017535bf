"""Whom a listing of ports asks, and how: a place that tells what a test wants, and answers what it wants."""

import pytest

from gpuws.fleet.local.shared.listening import ports_of
from gpuws.model.errors import GpuwsError, Refused
from gpuws.model.session.terminal import Completed
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.probe.ports import UNSEEN

HOST, INSIDE = PlaceRef("alpha"), PlaceRef("alpha", "1" * 64)
REST = "00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 {inode} 1 0 100 0 0 10 0"
ALL, LOOPBACK, OWN = "00000000", "0100007F", "0500000A"  # 10.0.0.5


def row(port, inode, address=ALL):
    return f"here 0: {address}:{port:04X} {REST.format(inode=inode)}\n"


class Page:
    def __init__(self, title):
        self._left = [f"HTTP/1.1 200 OK\r\n\r\n<title>{title}</title>".encode(), b""]

    def settimeout(self, seconds):
        assert seconds > 0

    def sendall(self, data):
        assert data.startswith(b"GET / HTTP/1.1\r\nHost: localhost:")

    def recv(self, limit=65536):
        return self._left.pop(0)

    def close(self):
        self._left = []


class Here:
    """As `Places`: `told` by the host, None: it shows nothing; `inside`: told in the workspace; `pages` by port."""

    def __init__(self, told, pages, *, may_enter=True, inside=""):
        self.told, self.pages, self.enter, self.inside = told, pages, may_enter, inside
        self.dialled = []

    def need_alive(self, ref):
        pass

    def label(self, ref):
        return "alpha/x" if ref.workspace else "alpha"

    def may_enter(self, ref):
        return self.enter

    def find(self, ref):
        here = self

        class Place:
            def run(self, argv, timeout):
                told = here.inside if ref.workspace else here.told
                return Completed(UNSEEN if told is None else 0, (told or "").encode(), b"")

        return Place()

    def dial(self, ref, port):
        return self._page("dial", port)

    def dial_outside(self, ref, port):
        return self._page("outside", port)

    def dial_target(self, target):
        return self._page(target.to, target.port)

    def _page(self, way, port):
        self.dialled.append((way, port))
        if port not in self.pages:
            raise GpuwsError("refused")
        return Page(self.pages[port])


def found(here, ref):
    return {one.port: one.service for one in ports_of(here, ref)}


def test_what_no_process_explains_is_asked_and_what_takes_no_connection_is_tcp():
    told = row(6006, 1) + row(8080, 2) + row(9000, 3) + row(22, 4)
    told += "holds /proc/7/fd: socket:[1]\nruns /proc/7 tensorboard\n"
    here = Here(told, {8080: "Ray Dashboard"})
    assert found(here, HOST) == {22: "tcp", 6006: "tensorboard", 8080: "ray", 9000: "tcp"}
    assert sorted(here.dialled) == [("dial", 8080), ("dial", 9000)]


def test_of_a_host_an_address_of_its_own_is_asked_there():
    here = Here(row(8080, 1, OWN), {8080: "MLflow"})
    (one,) = ports_of(here, HOST)
    assert (one.service, one.address, one.to) == ("mlflow", "10.0.0.5", "10.0.0.5")
    assert here.dialled == [("10.0.0.5", 8080)]


def test_of_a_read_only_host_nothing_is_asked():
    here = Here(row(8080, 1), {8080: "MLflow"}, may_enter=False)
    assert found(here, HOST) == {8080: "tcp"}
    assert here.dialled == []


def test_of_what_is_not_mine_only_what_its_address_reaches():
    here = Here(row(8080, 1) + row(8081, 2, LOOPBACK), {8080: "MLflow", 8081: "MLflow"}, may_enter=False)
    assert found(here, INSIDE) == {8080: "mlflow", 8081: "tcp"}
    assert here.dialled == [("outside", 8080)]


def test_where_the_host_shows_nothing_of_it_what_is_mine_tells_itself():
    here = Here(None, {8080: "MLflow"}, inside=row(8080, 1))
    assert found(here, INSIDE) == {8080: "mlflow"}
    with pytest.raises(Refused, match="not yours to look into"):
        ports_of(Here(None, {}, may_enter=False), INSIDE)


def test_a_host_that_tells_nothing_says_so():
    with pytest.raises(GpuwsError, match="does not tell which ports"):
        ports_of(Here("", {}), HOST)
