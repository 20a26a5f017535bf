"""Archives of strangers do nothing outside of where they are unpacked; what goes by is read right however it is cut."""

import io
import os
import tarfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.files import here, scripts
from gpuws.files.pack import Pack
from gpuws.files.rewrite import rewritten
from gpuws.files.unpack import Unpack
from gpuws.files.walk import Tally, Walk
from gpuws.fleet.copying.here import Here
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError
from gpuws.model.files.files import Listed, Road, Writing, listing, whole


def tar_of(*entries, form=tarfile.PAX_FORMAT):
    """(name, kind, what it leads to or holds, mode)"""
    pack = io.BytesIO()
    with tarfile.open(fileobj=pack, mode="w", format=form) as tar:
        for name, kind, told, mode in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = kind, mode, 1_700_000_000.25
            if kind == tarfile.REGTYPE:
                entry.size = len(told)
                tar.addfile(entry, io.BytesIO(told))
            else:
                entry.linkname = told
                tar.addfile(entry)
    return pack.getvalue()


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE = {
    "above": [("../evil", FILE, b"x", 0o644)],
    "absolute": [("/evil", FILE, b"x", 0o644)],
    "in between": [("a/../../evil", FILE, b"x", 0o644)],
    "through a link": [("a", LINK, "..", 0o777), ("a/evil", FILE, b"x", 0o644)],
    "through an absolute link": [("a", LINK, "OUT", 0o777), ("a/evil", FILE, b"x", 0o644)],
    "over a link": [("a", LINK, "../evil", 0o777), ("a", FILE, b"x", 0o644)],
    "a hard link out": [("a", HARD, "../secret", 0o644)],
    "a hard link through a link": [("l", LINK, "..", 0o777), ("a", HARD, "l/secret", 0o644)],
}


@pytest.mark.parametrize("entries", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_written_outside(tmp_path, entries, there):
    target = tmp_path / "to"
    target.mkdir()
    (tmp_path / "secret").write_text("secret")
    data = tar_of(*[(name, kind, str(tmp_path) if told == "OUT" else told, mode) for name, kind, told, mode in entries])
    stage = b".gpuws-cp-x"
    if there:  # by the tar of this machine, as on a host
        link = LocalLink()
        link.run(scripts.writing(Writing(Road("tar", gnu=True), "tree", os.fsencode(target), stage)), input=data)
        link.run(scripts.writing(Writing(Road("tar"), "finish", os.fsencode(target), stage, (b"a", b"a"))))
    else:
        full = here.make_stage(os.fsencode(target), stage)
        with suppress(GpuwsError):  # or it is unpacked harmlessly, as a file that takes the place of a link
            Unpack(full, (), lambda _: None).take(iter([data]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret", "to"]
    assert (tmp_path / "secret").read_text() == "secret"
    assert not any(
        path.is_file() and path.read_text() == "secret" for path in target.rglob("*") if not path.is_symlink()
    )


@pytest.mark.parametrize("there", [False, True])
def test_neither_devices_nor_rights_come_along(tmp_path, there):
    data = tar_of(
        ("d", tarfile.DIRTYPE, "", 0o755), ("d/su", FILE, b"x", 0o6755), ("d/pipe", tarfile.FIFOTYPE, "", 0o666),
        ("d/null", tarfile.CHRTYPE, "", 0o666),
    )  # fmt: skip
    left, stage = [], b".gpuws-cp-x"
    if there:
        link, target = LocalLink(), os.fsencode(tmp_path)
        link.run(scripts.writing(Writing(Road("tar", gnu=True), "tree", target, stage)), input=data)
        done = link.run(scripts.writing(Writing(Road("tar"), "finish", target, stage, (b"d", target + b"/d"))))
        assert done.status == 0, done.stderr
    else:
        Unpack(here.make_stage(os.fsencode(tmp_path), stage), (), left.append).take(iter([data]))
        assert here.finish(os.fsencode(tmp_path), stage, [(b"d", os.fsencode(tmp_path / "d"))]) == []
        assert len(left) == 2
    assert [(path.name, path.stat().st_mode & 0o7777) for path in (tmp_path / "d").iterdir()] == [("su", 0o755)]


def test_an_engine_gets_names_owners_and_no_rights():
    data = tar_of(
        ("run", tarfile.DIRTYPE, "", 0o2755), ("run/su", FILE, b"abc", 0o4755), ("run/b", HARD, "run/su", 0o644),
        ("run/null", tarfile.CHRTYPE, "", 0o666), ("run/\udcff", FILE, b"", 0o600),
    )  # fmt: skip
    left = []
    out = b"".join(rewritten(iter([data]), {b"run": b"new"}, (1204, 100), left.append))
    with tarfile.open(fileobj=io.BytesIO(out), errors="surrogateescape") as tar:
        told = [(one.name, one.mode, one.uid, one.gid, one.linkname, one.size) for one in tar]
    assert told == [
        ("new", 0o755, 1204, 100, "", 0), ("new/su", 0o755, 1204, 100, "", 3), ("new/b", 0o644, 1204, 100, "new/su", 0),
        ("new/\udcff", 0o600, 1204, 100, "", 0),
    ]  # fmt: skip
    assert len(left) == 1
    out = b"".join(rewritten(iter([data]), {b"run": b""}, (0, 0), left.append))
    with tarfile.open(fileobj=io.BytesIO(out), errors="surrogateescape") as tar:
        assert tar.getnames() == ["su", "b", "\udcff"]


def test_what_lies_here_comes_whole_to_an_engine(tmp_path):
    """A file that fills its blocks, one with a rest, none at all, and a hole."""
    for name, size in (("full", 1024), ("rest", 700), ("none", 0)):
        (tmp_path / name).write_bytes(os.urandom(size))
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 20)
    names, tally = [b"full", b"rest", b"none", b"hole"], Tally()
    pieces = Walk(tally).passed(Pack(os.fsencode(tmp_path), names, (), plain=False, leave=print).pieces())
    out = b"".join(rewritten(pieces, {}, (0, 0), print))
    with tarfile.open(fileobj=io.BytesIO(out)) as tar:
        found = {os.fsencode(one.name): tar.extractfile(one).read() for one in tar}
    assert found == {name: (tmp_path / os.fsdecode(name)).read_bytes() for name in names}
    assert tally.ended


def said(*records, to="f"):
    """A file of whose next entry these extensions are said."""
    data = b"".join(records)
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, len(data)
    entry = tarfile.TarInfo(to).tobuf()
    return head.tobuf() + data + b"\0" * (-len(data) % 512) + entry + b"\0" * 1024


NONSENSE = {
    "no time": said(b"13 mtime=nan\n"),
    "the end of time": said(b"13 mtime=inf\n"),
    "a length of thousands of digits": said(b"9" * 6000 + b" a=b\n"),
    "a size of thousands of digits": said(b"5010 size=" + b"9" * 4999 + b"\n"),
    "a name with a zero byte": said(b"12 path=a\0b\n"),
    "extensions of extensions": (said()[:512]) * 3000 + said(),
    "more directories than a program can enter": tar_of(("d/" * 2000 + "f", FILE, b"", 0o644)),
}


@pytest.mark.parametrize("data", NONSENSE.values(), ids=list(NONSENSE))
def test_an_archive_that_is_made_to_harm_is_told_in_a_sentence(tmp_path, data):
    def one(take):
        with suppress(GpuwsError):
            take(Walk(Tally()).passed([data]))

    stage = here.make_stage(os.fsencode(tmp_path), b".gpuws-cp-x")
    one(Unpack(stage, (), lambda _: None).take)
    one(lambda pieces: b"".join(rewritten(pieces, {}, (0, 0), lambda _: None)))
    here.drop(os.fsencode(tmp_path), b".gpuws-cp-x")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_would_fill_the_memory_is_not_read():
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 8 << 30
    with pytest.raises(GpuwsError, match="makes no sense"):
        list(Walk(Tally()).passed([head.tobuf(tarfile.GNU_FORMAT)]))


@pytest.mark.parametrize("there", [False, True])
def test_what_somebody_else_called_like_the_stage_gets_nothing(tmp_path, there):
    elsewhere, stage, at = tmp_path / "elsewhere", b".gpuws-cp-x", os.fsencode(tmp_path)
    elsewhere.mkdir()
    (elsewhere / "a").write_text("x")
    (tmp_path / stage.decode()).symlink_to(elsewhere)
    if there:
        link, road = LocalLink(), Road("tar", gnu=True)
        assert link.run(scripts.writing(Writing(road, "list", at, stage))).stdout == b""
        done = link.run(scripts.writing(Writing(road, "tree", at, stage)), input=tar_of(("b", FILE, b"x", 0o644)))
        assert (done.status, b"somebody else's" in done.stderr) == (1, True)
    else:
        assert not Here(lambda _: None).arrived(at, stage)
        with pytest.raises(GpuwsError, match="somebody else's"):
            here.make_stage(at, stage)
    assert [path.name for path in elsewhere.iterdir()] == ["a"]


@given(st.lists(st.integers(1, 3000), max_size=6), st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
def test_what_goes_by_is_counted_however_it_is_cut(cuts, form):
    long = "d" * 150 + "/ü"
    data = tar_of(("a", FILE, b"x" * 1000, 0o644), (long, FILE, b"y" * 513, 0o644), ("l", LINK, "a", 0o777), form=form)
    tally, pieces, at = Tally(), [], 0
    for cut in [*cuts, len(data)]:
        pieces.append(data[at : at + cut])
        at += cut
    assert b"".join(Walk(tally).passed(pieces)) == data
    assert (tally.files, tally.entry, tally.size, tally.modified, tally.ended) == (
        2, long.encode(), 513, 1_700_000_000, True,
    )  # fmt: skip


def test_a_tar_that_ends_early_is_not_whole():
    data = tar_of(("a", FILE, b"x" * 100_000, 0o644))
    tally = Tally()
    list(Walk(tally).passed([data[:50_000]]))
    assert (tally.ended, tally.entry, tally.size) == (False, b"a", 100_000)


def test_only_what_reads_as_a_row_is_taken_for_one():
    told = listing(b"1 644 5 17 ./a b\n2 4755 5 17 ./x\nnonsense\n1 644 five 17 ./c\n1 600 0 0 ./new\nline\n")
    assert told == {b"a b": Listed(1, 0o644, 5, 17), b"x": Listed(2, 0o755, 5, 17), b"new": Listed(1, 0o600, 0, 0)}
    assert whole(told, told) == {b"a b", b"new"}
    assert whole(told, {b"a b": Listed(1, 0o644, 5, 18), b"gone": Listed(1, 0o644, 5, 17)}) == set()
