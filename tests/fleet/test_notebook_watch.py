"""When notebooks are read: while somebody looks, of what is mine, and a search is rarer than a look."""

import queue
import threading
import time

import pytest

from gpuws.fleet.local.host import notebook_watch
from gpuws.fleet.local.host.notebook_watch import NotebookWatch
from gpuws.fleet.local.host.parts import Parts
from gpuws.jupyter import kernels, servers
from gpuws.jupyter.script import SCRIPT
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.session.notebook import JupyterServer, Notebook
from tests import factories
from tests.fleet.test_supervisor import FakeConnector, FakeLink, Watched

BOX = factories.workspace("alpha", "a" * 64, "jup", "image", "running", mine=True)


class World:
    """Servers and their kernels, by place; what was asked is counted."""

    def __init__(self, monkeypatch):
        self.searches, self.reads, self.told = [], [], queue.SimpleQueue()
        self.mine = [BOX]
        self.broken = set()
        monkeypatch.setattr(servers, "find_servers", self.find)
        monkeypatch.setattr(kernels, "read_notebooks", self.read)
        monkeypatch.setattr(notebook_watch, "INTERVAL", 0.05)
        monkeypatch.setattr(notebook_watch, "SETTLE", 0.01)
        self.at_hand = []
        self.watch = NotebookWatch(
            Host("alpha"), self.take, lambda: tuple(self.mine), self.place, lambda: tuple(self.at_hand)
        )
        self.watch.start()

    def take(self, change):
        self.told.put(change(Parts()))

    def place(self, container, user):
        if user is not None:
            return container, user
        if container in self.broken:
            raise GpuwsError("gone")
        return container

    def find(self, place, *, anyone, as_user):
        assert anyone is (place is not None)  # in a container somebody else may have started it, by su
        assert (as_user("1001") if as_user else None) == ((BOX.id, "1001") if place else None)
        self.searches.append(place)
        if "search" in self.broken:
            raise GpuwsError("did not end within 15 s")
        return (JupyterServer(8888 if place else 9999),)

    def read(self, dial, server, container):
        self.reads.append(server.port)
        if server.port in self.broken:
            raise GpuwsError("refuses its token")
        return (Notebook(f"k-{server.port}", "a.ipynb", server.port, container),)


@pytest.fixture
def world(monkeypatch):
    one = World(monkeypatch)
    yield one
    one.watch.close()


def test_nothing_is_read_before_somebody_looks(world):
    with pytest.raises(queue.Empty):
        world.told.get(timeout=0.2)
    assert world.searches == []


def test_my_servers_on_the_host_and_in_my_containers_are_read_while_watched(world):
    began = time.time()
    world.watch.watch(True)
    parts = world.told.get(timeout=5)
    assert {(book.port, book.container) for book in parts.notebooks} == {(9999, None), (8888, "jup")}
    assert parts.notebooks_at >= began
    for _ in range(3):
        world.told.get(timeout=5)
    assert world.searches == [None, BOX.id]
    assert world.reads.count(8888) >= 3


def test_a_server_on_a_unix_socket_is_asked_there():
    class Here:
        def dial_unix(self, path):
            return path

        def dial_tcp(self, address, port):
            return address, port

    for server, dialled in (
        (JupyterServer(0, token="t", socket="/run/jup.sock"), "/run/jup.sock"),
        (JupyterServer(8888, address="::1"), ("::1", 8888)),
        (JupyterServer(8888), ("127.0.0.1", 8888)),
    ):
        assert server.lets_me_in
        assert notebook_watch._dial(Here(), server)() == dialled


def test_what_fails_costs_the_others_nothing(world):
    world.broken.add(8888)
    world.watch.watch(True)
    assert [book.port for book in world.told.get(timeout=5).notebooks] == [9999]
    world.broken.add(None)  # the host's own link
    world.broken.discard(8888)
    assert any([b.port for b in world.told.get(timeout=5).notebooks] == [8888] for _ in range(5))


def test_a_search_that_fails_is_not_tried_at_every_look(world):
    world.broken.add("search")
    world.watch.watch(True)
    for _ in range(3):
        assert world.told.get(timeout=5).notebooks == ()
    assert world.searches == [None, BOX.id]


def test_a_search_is_repeated_in_time(world, monkeypatch):
    monkeypatch.setattr(notebook_watch, "SEARCH_EVERY", 0.0)
    world.watch.watch(True)
    for _ in range(3):
        world.told.get(timeout=5)
    assert world.searches.count(None) >= 3


def test_a_container_that_is_gone_is_forgotten(world):
    world.watch.watch(True)
    world.told.get(timeout=5)
    world.mine.clear()
    assert any([b.port for b in world.told.get(timeout=5).notebooks] == [9999] for _ in range(5))


def test_a_kernel_that_comes_to_a_gpu_is_looked_for_once_although_nobody_watches(world):
    world.watch.seek(frozenset({"k"}))
    told = world.told.get(timeout=5)
    assert told.sought == {"k"}
    assert {book.kernel for book in told.notebooks} == {"k-8888", "k-9999"}
    world.watch.seek(frozenset({"k"}))
    world.watch.seek(frozenset())
    with pytest.raises(queue.Empty):
        world.told.get(timeout=0.2)
    world.watch.seek(frozenset({"another"}))
    assert world.told.get(timeout=5).sought == {"another"}


def test_who_asks_has_all_of_it_when_that_returns_and_is_told_what_is_missing(world):
    assert world.watch.read()
    assert len(world.told.get_nowait().notebooks) == 2
    assert world.watch.home("k-8888").container == "jup"
    world.broken.add(8888)
    assert not world.watch.read()
    assert world.watch.home("k-8888") is None
    assert world.searches == [None, BOX.id]  # just now


def test_a_search_that_failed_is_told_as_missing_again_and_again(world):
    world.broken.add("search")
    assert not world.watch.read()
    assert not world.watch.read()
    assert world.searches == [None, BOX.id]


def test_servers_whose_tokens_are_at_hand_are_read_without_a_program_there(world):
    world.at_hand = [kernels.Reached(JupyterServer(port), None, box) for port, box in ((7777, "theirs"), (1, "jup"))]
    assert world.watch.read()
    books = world.told.get_nowait().notebooks
    assert {(book.port, book.container) for book in books} == {(9999, None), (8888, "jup"), (7777, "theirs")}
    assert world.searches == [None, BOX.id]


class CountingLink(FakeLink):
    """Says when somebody looks for servers on it."""

    def __init__(self):
        super().__init__()
        self.searched = threading.Event()

    def run(self, argv, *, input=None, timeout=30.0):  # noqa: A002
        if SCRIPT in argv:
            self.searched.set()
        return super().run(argv)


@pytest.mark.parametrize("readonly", [False, True])
def test_on_a_read_only_host_nothing_is_searched(monkeypatch, readonly):
    monkeypatch.setattr(notebook_watch, "SETTLE", 0.01)
    link = CountingLink()
    watched = Watched(FakeConnector(link), readonly=readonly)
    try:
        watched.supervisor.start()
        watched.supervisor.watch(True)
        assert link.searched.wait(0.5 if readonly else 10) is not readonly
    finally:
        watched.supervisor.close()


def test_who_looks_while_the_watches_begin_is_not_missed(monkeypatch):
    monkeypatch.setattr(notebook_watch, "SETTLE", 0.01)
    link = CountingLink()
    watched = Watched(FakeConnector(link))
    begin = NotebookWatch.start

    def begin_and_look(watch):
        begin(watch)
        watched.supervisor.watch(True)

    monkeypatch.setattr(NotebookWatch, "start", begin_and_look)
    try:
        watched.supervisor.start()
        assert link.searched.wait(10)
    finally:
        watched.supervisor.close()
