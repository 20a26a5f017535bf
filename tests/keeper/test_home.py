"""The keeper's room: mine alone, or nothing is put there and nobody there is believed."""

import os
import socket

import pytest

from gpuws.config.paths import Paths
from gpuws.keeper.home import connect, find_home, listen, prepare, take_lock
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.quick import endpoint
from gpuws.quick.endpoint import LONGEST
from tests.keeper.serving import make_home

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can make what belongs to somebody else")


@pytest.fixture
def home(short_path):
    return make_home(short_path / "run")


def refused(work):
    with pytest.raises(UsageError) as caught:
        work()
    assert caught.value.remedy
    return caught.value.message


def test_it_is_made_private_and_looking_makes_nothing(home):
    assert connect(home) is None
    assert not home.directory.exists()
    os.umask(before := os.umask(0))
    prepare(home)
    assert home.directory.stat().st_mode & 0o777 == 0o700
    os.umask(before)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_directory_open_to_others_is_refused(home, mode):
    home.directory.mkdir()
    home.directory.chmod(mode)
    assert str(home.directory) in refused(lambda: prepare(home))


@needs_root
def test_a_directory_of_somebody_else_is_refused(home):
    home.directory.mkdir(mode=0o700)
    os.chown(home.directory, 65534, 65534)
    refused(lambda: prepare(home))


def test_a_link_instead_of_the_directory_is_refused(home):
    mine = home.directory.with_name("mine")
    mine.mkdir(mode=0o700)
    home.directory.symlink_to(mine)
    refused(lambda: prepare(home))
    listener = listen(home)
    refused(lambda: connect(home))
    listener.close()


def test_a_file_instead_of_the_directory_is_an_error(home):
    home.directory.write_text("")
    with pytest.raises(GpuwsError):
        prepare(home)


def test_a_directory_that_can_not_be_made_is_an_error(short_path):
    (short_path / "file").write_text("")
    with pytest.raises(GpuwsError, match="can't be made"):
        prepare(make_home(short_path / "file" / "run"))


def test_the_socket_is_for_me_alone(home):
    prepare(home)
    with listen(home):
        assert home.socket.stat().st_mode & 0o777 == 0o600
        with connect(home) as sock:
            assert sock.getpeername()


def test_a_dead_keepers_socket_is_nobody_and_is_replaced(home):
    prepare(home)
    listen(home).close()
    assert home.socket.exists()
    assert connect(home) is None
    with listen(home):
        connect(home).close()


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_socket_is_not_talked_to(home, kind):
    prepare(home)
    {
        "file": lambda: home.socket.write_text("x"),
        "directory": lambda: home.socket.mkdir(),
        "link": lambda: home.socket.symlink_to("/run/other.sock"),
    }[kind]()
    assert str(home.socket) in refused(lambda: connect(home))


@needs_root
def test_somebody_elses_socket_is_not_talked_to(home):
    prepare(home)
    with listen(home):
        os.chown(home.socket, 65534, 65534)
        refused(lambda: connect(home))


def test_somebody_else_at_the_other_end_is_not_talked_to(home, monkeypatch):
    prepare(home)
    monkeypatch.setattr("gpuws.quick.endpoint.peer_uid", lambda sock: os.getuid() + 1)
    with listen(home):
        assert "somebody else" in refused(lambda: connect(home))


def test_somebody_else_who_connects_is_turned_away(keeper, monkeypatch):
    monkeypatch.setattr("gpuws.keeper.server.server.peer_uid", lambda sock: os.getuid() + 1)
    with keeper.raw() as sock:
        sock.settimeout(10)
        assert sock.recv(1) == b""
    assert keeper.connections == 0


def test_one_lock_one_holder(home):
    prepare(home)
    first = take_lock(home)
    assert first is not None
    assert take_lock(home) is None
    os.close(first)
    second = take_lock(home)
    assert second is not None
    assert home.lock.stat().st_mode & 0o777 == 0o600
    os.close(second)


def test_a_link_instead_of_the_lock_is_not_followed(home, short_path):
    prepare(home)
    home.lock.symlink_to(short_path / "target")
    with pytest.raises(GpuwsError, match="can't be opened"):
        take_lock(home)
    assert not (short_path / "target").exists()


def paths(short_path, runtime):
    return Paths(short_path / "config", short_path / "state", runtime)


def test_every_configuration_and_way_has_a_room_of_its_own(short_path):
    run = short_path / "run"
    homes = [
        find_home(Paths(short_path / name, short_path, run), readonly=readonly)
        for name in ("a", "b")
        for readonly in (False, True)
    ]
    assert len({home.socket for home in homes}) == 4
    assert find_home(Paths(short_path / "a", short_path, run)) == homes[0]
    assert not run.exists()


def test_a_long_name_is_made_short_and_stays_its_own(short_path, monkeypatch):
    monkeypatch.setattr(endpoint, "private_directory", lambda parent: f"{short_path}/gpuws-{os.getuid()}")
    deep = [short_path / ("x" * 90) / name for name in ("a", "b")]
    homes = [find_home(paths(short_path, directory)) for directory in deep]
    for home in homes:
        assert len(os.fsencode(home.socket)) <= LONGEST
        prepare(home)
        with listen(home), connect(home):
            pass
    assert homes[0].socket != homes[1].socket


def test_a_name_that_just_fits_stays(short_path):
    base = paths(short_path, short_path / "r")
    spare = LONGEST - len(os.fsencode(find_home(base, readonly=True).socket))
    fits = paths(short_path, short_path / ("r" * (spare + 1)))
    assert find_home(fits, readonly=True).directory == fits.runtime_dir
    sock = socket.socket(socket.AF_UNIX)
    fits.runtime_dir.mkdir()
    sock.bind(os.fspath(find_home(fits, readonly=True).socket))
    sock.close()
