"""Data of a container brought into another's: what goes on of a tar, and what arrives on engines of different age."""

from __future__ import annotations

import io
import tarfile
import threading
from contextlib import ExitStack
from functools import partial

import pytest

from gpuws.engines.docker.copying.retar import passed
from gpuws.model.errors import Cancelled, GpuwsError, Refused, UsageError
from gpuws.model.workspace.storage import Mount, Renumber, chosen
from tests.engines.docker.lab_engine import lab_engine
from tests.lab import docker_api

IMAGE = "gpuws-lab/workspace:latest"
LONG = "data/" + "d" * 90 + "/" + "é" * 90
CAPABILITY = b"\x01\x00\x00\x02\x00\x20\xff\x00".decode("utf-8", "surrogateescape")


def packed(*entries):
    pack = io.BytesIO()
    with tarfile.open(fileobj=pack, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
        for name, more, data in entries:
            entry = tarfile.TarInfo(name)
            entry.uid, entry.gid, entry.mode, entry.size = 1000, 100, 0o4755, len(data)
            for key, value in more.items():
                setattr(entry, key, value)
            tar.addfile(entry, io.BytesIO(data))
    return pack.getvalue()


def test_a_tar_goes_through_but_for_other_mounts_and_my_numbers():
    data = packed(
        ("data", {"type": tarfile.DIRTYPE, "mode": 0o2750, "mtime": 1577934245.678}, b""),
        ("data/sub", {"type": tarfile.DIRTYPE}, b""),
        ("data/sub/else", {}, b"somebody else's"),
        (LONG, {"pax_headers": {"SCHILY.xattr.security.capability": CAPABILITY}, "uid": 3_000_000}, b"x" * 1000),
        ("data/link", {"type": tarfile.LNKTYPE, "linkname": LONG}, b""),
        ("data/null", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 3}, b""),
    )
    pieces = [data[at : at + 300] for at in range(0, len(data), 300)]
    out = b"".join(passed(iter(pieces), ["data/sub"], Renumber({1000: 2001, 3_000_000: 7}, {100: 200})))
    assert len(out) % 512 == 0
    with tarfile.open(fileobj=io.BytesIO(out), errors="surrogateescape") as tar:
        found = {entry.name: entry for entry in tar}
        assert list(found) == ["data", "data/sub", LONG, "data/link", "data/null"]
        assert [(one.uid, one.gid) for one in found.values()] == [(2001, 200)] * 2 + [(7, 200)] + [(2001, 200)] * 2
        assert (found["data"].mode, found["data"].mtime) == (0o2750, 1577934245.678)
        assert found[LONG].pax_headers["SCHILY.xattr.security.capability"] == CAPABILITY
        assert tar.extractfile(LONG).read() == b"x" * 1000
        assert (found["data/link"].linkname, found["data/null"].devminor) == (LONG, 3)
    with pytest.raises(GpuwsError, match="the archive of the data ended early"):
        b"".join(passed(iter([data[: len(data) // 2]]), [], Renumber()))


def test_what_is_brought_is_chosen_by_kind_name_and_place():
    data, cache = Mount("volume", "data", "/data"), Mount("volume", "9f" * 32, "/cache")
    work = Mount("bind", "/home/alice/work", "/workspace")
    pick = partial(chosen, (data, cache, work))
    assert pick(volumes=True, binds=False, words=()) == (data,)
    assert pick(volumes=True, binds=True, words=()) == (data, work)
    assert pick(volumes=False, binds=False, words=("/cache", "/workspace")) == (cache, work)
    assert pick(volumes=False, binds=False, words=(cache.short,)) == (cache,)
    with pytest.raises(UsageError, match="no volume and no directory nope"):
        pick(volumes=True, binds=False, words=("nope",))


# on the lab's engines

MAKE = """set -e
cd /data; mkdir -p a b; echo hi > a/f; ln a/f a/hard; ln -s f a/soft; touch -d 2020-01-02T03:04:05 b; mkfifo pipe
truncate -s 4M sparse; echo end >> sparse; chown -R 1000:1000 .; chmod 2750 .; chmod 4711 a/f
echo other > sub/file"""
LOOK = "cd /data; stat -c '%n %a %u:%g %h %s %F %Y' . a a/f a/hard a/soft b sparse pipe sub/file; md5sum sparse"


class Box:
    """A container of a lab host's engine, with a volume and another one mounted in it."""

    def __init__(self, stack, host):
        self.host, self.engine = host, lab_engine(stack, host)
        mounts = [
            {"Type": "volume", "Source": f"gpuws-copy-{name}", "Target": target}
            for name, target in (("data", "/data"), ("sub", "/data/sub"))
        ]
        body = {"Image": IMAGE, "User": "0:0", "Cmd": ["sleep", "600"], "HostConfig": {"Init": True, "Mounts": mounts}}
        self.id = docker_api.call(host, "POST", "/containers/create", body=body)["Id"]
        for name in ("data", "sub"):
            stack.callback(docker_api.call, host, "DELETE", f"/volumes/gpuws-copy-{name}")
        stack.callback(docker_api.call, host, "DELETE", f"/containers/{self.id}", query={"force": True})

    def start(self):
        docker_api.call(self.host, "POST", f"/containers/{self.id}/start")
        return self

    def run(self, line):
        done = self.engine.place(self.id).run(["sh", "-c", line])
        return done.stdout.decode() + done.stderr.decode()


@pytest.fixture(params=[("alpha", "bravo"), ("bravo", "alpha")], ids="-".join)
def boxes(lab, request):
    """One that runs with data, and one that was never started."""
    with ExitStack() as stack:
        source, target = (Box(stack, host) for host in request.param)
        source.start().run(MAKE)
        yield source, target


@pytest.mark.lab
def test_what_arrives_is_what_was_there(boxes):
    source, target = boxes
    told = []
    (data,) = [one for one in source.engine.storage.mounts(source.id) if one.path == "/data"]
    send = partial(source.engine.storage.send, source.id, [data], target.engine.storage, target.id)
    send(Renumber({1000: 2001}, {1000: 2001}), told.append, threading.Event())
    assert told[-1].stage == "filling"
    before, after = source.run(LOOK).splitlines(), target.start().run(LOOK).splitlines()
    assert [line.replace(" 1000:1000 ", " 2001:2001 ") for line in before if "sub/file" not in line] == [
        line for line in after if "sub/file" not in line
    ]
    assert "sub/file" in after[-1]  # another volume's data stay where they are
    assert "cannot stat" in after[-1] or "No such file" in after[-1]


@pytest.mark.lab
def test_what_is_cancelled_says_so_and_a_read_only_host_is_refused(boxes):
    source, target = boxes
    source.run("head -c 40M /dev/urandom > /data/big")
    cancel = threading.Event()
    mounts = source.engine.storage.mounts(source.id)

    def on_the_way(progress):
        if "0B" not in progress.text and "asking" not in progress.text:
            cancel.set()

    with pytest.raises(Cancelled):
        source.engine.storage.send(source.id, mounts, target.engine.storage, target.id, Renumber(), on_the_way, cancel)
    with ExitStack() as stack:
        closed = lab_engine(stack, target.host, readonly=True).storage
        with pytest.raises(Refused, match="is read-only"):
            source.engine.storage.send(source.id, mounts, closed, target.id, Renumber(), print, threading.Event())
