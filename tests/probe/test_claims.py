"""Ports and directories that containers of mine want, looked at on this machine."""

import getpass
import os
import socket

import pytest

from gpuws.model.checkup.facts import Claims, Owned
from gpuws.probe.claims import claims, parse
from tests.probe.local_place import LocalPlace


def test_who_listens_on_a_port_is_told_of_those_that_are_asked_for():
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
            each.listen()
        asked, beside = one.getsockname()[1], other.getsockname()[1]
        found = claims(LocalPlace(), [asked], [])
        assert found is not None
        assert (found.listening[asked], found.listening[beside]) == (getpass.getuser(), "")


@pytest.mark.skipif(os.getuid() == 0, reason="root has no files that are not his to change")
def test_what_is_mine_and_holds_nothing_of_roots_is_no_trouble(tmp_path):
    (tmp_path / "link").symlink_to("/etc")
    found = claims(LocalPlace(), [], [str(tmp_path), "/etc", str(tmp_path / "link"), "relative", "-delete"])
    assert found is not None
    assert found.owned == ()


PATHS = ("/home/alice/a", "/home/alice/b c")


@pytest.mark.parametrize(
    ("lines", "owned"),
    [
        (("1 status 0",), ()),
        (("2 root runs/a.pt", "2 root runs", "2 status 0"), (Owned("", PATHS[1], 2, "runs/a.pt"),)),
        (("1 root x", "1 status 124"), (Owned("", PATHS[0], 1, "x", more=True),)),
        (("1 root x\x1b[2J",), (Owned("", PATHS[0], 1, "x�[2J", more=True),)),
        (("3 root x", "1  root y", "x"), ()),
    ],
)
def test_files_of_roots_are_counted_by_directory(lines, owned):
    found = parse("\n".join((*lines, "end", "")), PATHS)
    assert found is not None
    assert [(one.path, one.count, one.more) for one in found.owned] == [
        (one.path, one.count, one.more) for one in owned
    ]
    assert not any("\x1b" in one.example for one in found.owned)


def test_a_thousand_and_one_are_at_least_a_thousand():
    found = parse("\n".join((*("1 root x" for _ in range(1001)), "end")), PATHS)
    assert found is not None
    assert (found.owned[0].count, found.owned[0].more) == (1000, True)


def test_a_listener_with_a_name_is_kept_beside_one_without():
    assert parse("listens 1F90 bob\nlistens 1F90 \nlistens 0016\nlistens x y\nend\n", ()) == Claims(
        {8080: "bob", 22: ""}
    )
    assert parse("listens 1F90 bob\n", ()) is None
