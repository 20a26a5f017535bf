"""Notices in the keeper: written down before they are told, told once by one of the screens, sent again by the next
keeper with the same id, and what is watched keeps it alive."""

import contextlib
import time
from dataclasses import replace

import pytest

from gpuws.fleet.events import HostUpdated, Noticed
from gpuws.fleet.noticing.facet import ObservedNotices
from gpuws.fleet.noticing.ledger import Ledger
from gpuws.keeper.server.notice_file import NoticeFile
from gpuws.keeper.wire.messages import Inquire
from gpuws.model.errors import TargetError
from gpuws.model.host.host import HostState
from gpuws.model.notice.notice import Notice
from gpuws.model.notice.record import KEPT, Entry, told
from gpuws.model.notice.seen import Seen, SeenContainer
from gpuws.model.notice.wishes import Rule, Webhook, Wishes
from tests.keeper.serving import QuietFleet, until
from tests.notices.receivers import Taker


class Told(QuietFleet):
    """A lab that stands still and keeps notices; `wishes`: what is to be told."""

    def __init__(self, wishes=None):
        super().__init__()
        self._wishes = wishes

    notices = ObservedNotices.notices
    try_notices = ObservedNotices.try_notices

    def box(self):
        """A container of mine that runs, and its host."""
        return next((one, host.name) for host in self.snapshots() for one in host.workspaces if one.mine and one.alive)

    def known(self):
        """Every host was looked at."""
        names = {host.name for host in self.snapshots() if host.state is HostState.UP}
        return self._observer is not None and names <= self._observer.ledger.seen().keys()

    def look(self):
        self._emit([HostUpdated(one) for one in self.snapshots()])
        until(self.known, "a first look")


@pytest.fixture
def taker():
    with contextlib.closing(Taker()) as taker:
        yield taker


def hooked(taker, **more):
    return Wishes((Rule(("toast", "hook")),), {"hook": Webhook(taker.url, timeout=0.3)}, **more)


def heard(client):
    """What a screen is told, as it comes."""
    found = []
    client.subscribe(lambda event: found.extend(event.told) if isinstance(event, Noticed) else None)
    return found


def killed(serving):
    """A container of mine dies; gives its name."""
    box, _ = serving.fleet.box()
    serving.fleet.act(box.ref, "kill")
    return box.name


@pytest.fixture
def serving(serve):
    made = serve(Told())
    made.client()
    made.fleet.look()
    return made


def test_it_is_written_down_and_told_by_one_screen(serving):
    one, other = serving.client(), serving.client()
    first, second = heard(one), heard(other)
    name = killed(serving)
    until(lambda: first and second, "the notice at both")
    (notice,) = (each.notice for each in first)
    assert (notice.kind, notice.subject) == ("container", name)
    assert serving.home.notices.stat().st_mode & 0o777 == 0o600
    assert one.take_notices([notice.id]) == (notice.id,)
    assert other.take_notices([notice.id]) == ()
    assert [each.notice.id for each in other.notices()] == [notice.id]


def test_the_next_keeper_knows_it_and_does_not_tell_it_again(serve, serving):
    killed(serving)
    until(serving.fleet.notices, "the notice")
    before = serving.fleet.notices()
    serving.end()
    following = serve(Told(), home=serving.home)
    following.fleet._hosts = serving.fleet._hosts
    client = following.client()
    following.fleet.look()
    assert [each.notice for each in client.notices()] == [each.notice for each in before]


def test_what_happens_while_no_keeper_lives_is_told_by_the_next(serve, serving):
    serving.end()
    name = killed(serving)
    following = serve(Told(), home=serving.home)
    following.fleet._hosts = serving.fleet._hosts
    client = following.client()
    following.fleet.look()
    until(client.notices, "the notice")
    assert [each.notice.subject for each in client.notices()] == [name]


def test_what_was_not_sent_is_sent_by_the_next_keeper_with_the_same_id(serve, taker):
    taker.gate.clear()  # it takes what comes, and never says so
    serving = serve(Told(hooked(taker)))
    serving.client()
    serving.fleet.look()
    killed(serving)
    until(serving.fleet.notices, "the notice")
    (known,) = serving.fleet.notices()
    serving.end()
    taker.gate.set()
    following = serve(Told(hooked(taker)), home=serving.home)
    following.client()
    until(lambda: following.fleet.notices()[0].deliveries[-1].at, "its arrival")
    assert set(taker.ids()) == {known.notice.id}


def test_told_when_it_ends_keeps_the_keeper(serving):
    client = serving.client()
    box, host = serving.fleet.box()
    watch = client.begin_watch("container", host, box.id, box.name)
    assert client.begin_watch("container", host, box.id, box.name) == watch
    condition = serving.dialer().ask(Inquire())
    assert (condition.ends_in, condition.watches) == (None, (box.name,))
    found = heard(client)
    serving.fleet.act(box.ref, "stop")
    until(lambda: [each for each in found if each.notice.kind == "asked"], "its end")
    assert client.watches() == ()
    assert serving.backend.working() is False


def test_an_end_that_was_asked_for_is_not_told_twice(serving):
    said = heard(serving.client())
    box, host = serving.fleet.box()
    serving.fleet.begin_watch("container", host, box.id, box.name)
    killed(serving)
    until(lambda: said, "its end")
    other = next(one for one in serving.fleet.snapshots() for one in one.workspaces if one.mine and one.alive)
    serving.fleet.act(other.ref, "kill")
    until(lambda: len(said) > 1, "another's")
    assert [(one.notice.kind, one.notice.subject) for one in said] == [("asked", box.name), ("container", other.name)]


def test_the_next_keeper_goes_on_to_watch_until_that_is_ended(serve, serving):
    box, host = serving.fleet.box()
    serving.client().begin_watch("container", host, box.id, box.name)
    serving.end()
    following = serve(Told(), home=serving.home)
    client = following.client()
    (watch,) = client.watches()
    client.end_watch(watch.id)
    with pytest.raises(TargetError, match="nothing is watched by the number '1'"):
        client.end_watch(watch.id)
    with pytest.raises(TargetError, match="no host 'zulu'"):
        client.begin_watch("host", "zulu", "away", "zulu")


def test_stopped_for_good_it_watches_nothing_more(serve, serving):
    box, host = serving.fleet.box()
    serving.client().begin_watch("container", host, box.id, box.name)
    assert serving.dialer().retire(forget=True)
    until(lambda: not serving.thread.is_alive(), "its end")
    assert serve(Told(), home=serving.home).client().watches() == ()


def test_a_test_reaches_every_receiver_and_the_screen(serve, taker):
    serving = serve(Told(hooked(taker)))
    client = serving.client()
    found = heard(client)
    (tried,) = client.try_notices()
    assert (tried.receiver, tried.error) == ("hook", None)
    until(lambda: [each.notice.kind for each in found] == ["test"], "the test on the screen")
    assert taker.got[0][1]["kind"] == "test"
    taker.answers = [404]
    (tried,) = client.try_notices()
    assert tried.error.message == "127.0.0.1 answered 404"


# the file


def entry(number, when=None):
    return Entry(told=told(Notice(f"n{number}", "oom", "alpha", "x", "alpha: x", when or time.time()), ("toast",)))


def test_a_line_that_was_torn_costs_itself_only(tmp_path):
    path = tmp_path / "notices" / "k.jsonl"
    NoticeFile(path).append([entry(1), Entry(host="alpha", seen=Seen(number=3))])
    with path.open("ab") as file:
        file.write(b'{"told": {"notice": {"id": "n2')
    NoticeFile(path).append([entry(3)])
    found = list(NoticeFile(path).read())
    assert [one.told.notice.id for one in found if one.told] == ["n1", "n3"]
    assert [one.seen for one in found if one.seen] == [Seen(number=3)]


def test_the_file_stays_small_and_a_week_old_notice_goes(tmp_path):
    path = tmp_path / "notices" / "k.jsonl"
    book = Ledger(NoticeFile(path))
    book.happened([(entry(1, time.time() - KEPT - 1).told.notice, ("toast",)), (entry(2).told.notice, ("toast",))])
    boxes = {f"c{number}": SeenContainer("x", alive=True) for number in range(200)}
    for number in range(100):
        book.note(Entry(host="alpha", seen=Seen(containers=boxes, number=number)))
    assert path.stat().st_size < 1 << 20
    assert path.stat().st_mode & 0o777 == 0o600
    again = Ledger(NoticeFile(path))
    assert [one.notice.id for one in again.all()] == ["n2"]
    assert again.seen() == {"alpha": Seen(containers=boxes, number=99)}
    assert (again.salt, again.born) == (book.salt, book.born)


def test_only_the_part_that_changed_is_written_down():
    before = Seen(containers={"c": SeenContainer("x", alive=True)}, gpus={}, limits={"disk /": 0.9})
    after = replace(before, containers={"c": SeenContainer("x", alive=False)})
    assert after.since(before) == Seen(containers=after.containers)
    assert before.with_changes(after.since(before)) == after
