"""Trees that are copied there and back by the sh and the tar of this machine: alike in all that is promised, whole at
their names or not there, gone on with where the link was cut."""

import hashlib
import os
import stat
import tarfile
import threading

import pytest

from gpuws.files.walk import Tally, Walk
from gpuws.model.errors import Cancelled, GpuwsError
from tests.files.ends import Copying, OneHost

BIG = 5 << 20
ODD = [
    b"a b",
    b"-rf",
    b"new\nline",
    b"\xff\xfe.pt",
    b"*",
    b"tab\t",
    b"trailing ",
    b"$(x)'\"\\",
    "schön".encode(),
    b"n" * 200,
]
HOLES = ["sparse", "hole", os.fsdecode(b"\xff sparse")]


@pytest.fixture
def tree(tmp_path):
    """Everything that a file system has for a user."""
    top = tmp_path / "there" / "runs"
    (top / "empty").mkdir(parents=True)
    (top / "deep" / "er").mkdir(parents=True)
    (top / "deep" / "er" / "big").write_bytes(os.urandom(BIG))
    for name in ODD:
        (top / os.fsdecode(name)).write_bytes(name * 3)
    (top / "link").symlink_to("deep/er")
    (top / "dangling").symlink_to("/no where")
    os.link(top / "a b", top / "deep" / "same")
    (top / "script.sh").write_text("#!/bin/sh\n")
    (top / "script.sh").chmod(0o750)
    (top / "secret").write_text("s")
    (top / "secret").chmod(0o400)
    for name in HOLES:
        with (top / name).open("wb") as file:
            file.seek(3 << 20)
            file.write(b"middle" if name != "hole" else b"")
            file.truncate(5 << 20)
    (top / "shut").mkdir()
    (top / "shut" / "in").write_text("x")
    (top / "shut").chmod(0o555)
    for number, path in enumerate(sorted(top.rglob("*"))):
        if not path.is_symlink():
            os.utime(path, ns=(10**18 + number * 1_000_000_007,) * 2)
    return top


def told(top):
    """What must be alike: kind, mode, time, content or where it leads, and which are one file."""
    found, first = {}, {}
    for path in [top, *top.rglob("*")]:
        one, name = path.lstat(), os.fsencode(path.relative_to(top))
        if stat.S_ISLNK(one.st_mode):
            found[name] = ("link", str(path.readlink()))
        elif stat.S_ISDIR(one.st_mode):
            found[name] = ("directory", stat.S_IMODE(one.st_mode), one.st_mtime_ns if path != top else 0)
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            inode = first.setdefault(one.st_ino, name) if one.st_nlink > 1 else name
            found[name] = ("file", stat.S_IMODE(one.st_mode), one.st_mtime_ns, content, min(inode, name) == inode)
    return found


def seconds(trees):
    """Of the file that was on its way the time is told so, and which were one file is told no more."""
    return {name: (*one[:2], one[2] // 10**9, one[3]) if one[0] == "file" else one[:2] for name, one in trees.items()}


def stages(directory):
    return list(directory.rglob(".gpuws-cp-*"))


@pytest.mark.parametrize("up", [True, False])
def test_a_tree_is_the_same_at_the_other_end(tree, tmp_path, up):
    target = tmp_path / "new"
    done = Copying(str(tree), str(target), up).run()
    assert (done.left, told(target)) == ([], told(tree))
    assert stages(tmp_path) == []
    assert done.transfers[0].tally.files == len(ODD) + 4 + len(HOLES)
    assert all((target / name).stat().st_blocks * 512 < 1 << 20 for name in HOLES)


def test_a_directory_that_is_there_is_filled_and_loses_nothing(tree, tmp_path):
    target = tmp_path / "into"
    (target / "runs" / "deep").mkdir(parents=True)
    (target / "runs" / "deep" / "mine").write_text("kept")
    (target / "runs" / "secret").write_text("old")
    for up in (True, False):
        assert Copying(str(tree), str(target), up).run().left == []
        assert (target / "runs" / "deep" / "mine").read_text() == "kept"
        assert (target / "runs" / "secret").read_text() == "s"
        assert set(told(tree)) == set(told(target / "runs")) - {b"deep/mine"}


@pytest.mark.parametrize("up", [True, False])
def test_a_file_takes_no_directorys_place_nor_a_link_leads_out(tree, tmp_path, up):
    target, outside = tmp_path / "into", tmp_path / "outside"
    (target / "runs" / "secret").mkdir(parents=True)
    outside.mkdir()
    (target / "runs" / "deep").symlink_to(outside)
    done = Copying(str(tree), str(target), up).run()
    assert sorted("directory" in line for line in done.left) == [True, True]
    assert list(outside.iterdir()) == []
    assert (target / "runs" / "script.sh").exists()


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize("after", [0, BIG // 2])
def test_a_cut_link_goes_on_where_it_was(tree, tmp_path, up, after):
    target = tmp_path / "new"
    done = Copying(str(tree), str(target), up, OneHost(cuts=[after])).run()
    assert done.waits == 1
    assert seconds(told(target)) == seconds(told(tree))


@pytest.mark.parametrize("up", [True, False])
def test_a_single_file_goes_on_at_the_byte_where_it_was(tmp_path, up):
    source, target = tmp_path / "big.pt", tmp_path / "new.pt"
    source.write_bytes(os.urandom(BIG))
    fleet = OneHost(cuts=[BIG // 2, 1 << 20])
    done = Copying(str(source), str(target), up, fleet).run()
    assert (done.waits, target.read_bytes()) == (2, source.read_bytes())
    assert done.transfers[0].resumed > 2 << 20
    assert int(target.stat().st_mtime) == int(source.stat().st_mtime)


@pytest.mark.parametrize("up", [True, False])
def test_a_file_that_changed_while_the_link_was_away_is_sent_anew(tmp_path, up):
    source, target = tmp_path / "big.pt", tmp_path / "new.pt"
    source.write_bytes(os.urandom(BIG))
    fleet = OneHost(cuts=[BIG // 2])
    copying = Copying(str(source), str(target), up, fleet)
    copying._back = lambda _error: source.write_bytes(os.urandom(BIG // 2))
    copying.run()
    assert target.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("up", [True, False])
def test_what_was_cancelled_is_nowhere_under_its_name(tmp_path, up):
    source, target = tmp_path / "big.pt", tmp_path / "to"
    target.mkdir()
    (target / "big.pt").write_text("before")
    source.write_bytes(os.urandom(BIG))
    copying = Copying(str(source), str(target), up, OneHost(cuts=[BIG // 2]))
    copying._back = lambda error: copying.cancel.set()
    with pytest.raises(Cancelled):
        copying.run()
    assert [(path.name, path.read_text()) for path in target.iterdir()] == [("big.pt", "before")]


def test_patterns_contents_and_what_is_not_there(tree, tmp_path):
    target = tmp_path / "to"
    target.mkdir()
    Copying(f"{tree}/s*et", str(target), up=False).run()
    assert [path.name for path in target.iterdir()] == ["secret"]
    Copying(f"{tree}/*", f"{target}/", up=False).run()
    Copying(f"{tree}/deep/.", str(target), up=True).run()
    assert (target / "er" / "big").stat().st_size == BIG
    with pytest.raises(GpuwsError, match="nothing matches"):
        Copying(f"{tree}/no*", str(target), up=False).run()


@pytest.mark.parametrize("up", [True, False])
def test_what_can_not_be_written_is_told_in_the_words_of_the_system(tmp_path, up):
    source = tmp_path / "x"
    source.write_bytes(os.urandom(BIG))
    if os.geteuid() == 0:
        target = "/proc"
    else:
        (tmp_path / "no").mkdir(mode=0o500)
        target = str(tmp_path / "no")
    with pytest.raises(GpuwsError, match=r"(?i)permitted|denied|no such file"):
        Copying(str(source), target, up).run()


def test_a_program_that_hangs_ends_with_a_cancel(tmp_path):
    """Nobody waits for the other end to notice."""
    from gpuws.fleet.copying.running import Programs
    from gpuws.link.local.local import LocalLink

    programs, link, ended = Programs(), LocalLink(), threading.Event()
    with programs.run(lambda: link.popen(["sleep", "60"]), "alpha:") as one:
        threading.Thread(target=lambda: (one.process.read(), ended.set()), daemon=True).start()
        programs.close()
        assert ended.wait(5)


@pytest.mark.parametrize("up", [True, False])
def test_pipes_are_left_out_and_named_in_a_directory_and_where_a_pattern_matches_them(up, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "file").write_text("x")
    os.mkfifo(tmp_path / "d" / "pipe")
    for source, target in (("d", "new"), ("d/*", "into")):
        (tmp_path / "into").mkdir(exist_ok=True)
        done = Copying(f"{tmp_path}/{source}", f"{tmp_path}/{target}", up).run()
        assert [line.endswith("pipe is neither file, directory nor link: left out") for line in done.left] == [True]
        assert [path.name for path in (tmp_path / target).iterdir()] == ["file"]


def test_a_pipe_is_named_between_two_ends_that_have_their_own_tar():
    tally = Tally()
    pipe = tarfile.TarInfo("./d/pipe")
    pipe.type = tarfile.FIFOTYPE
    assert b"".join(Walk(tally).passed([pipe.tobuf() + b"\0" * 1024]))
    assert list(tally.special) == [b"d/pipe"]
