"""An image copied from one engine to another: what its archive says, what is sent, what a copy that broke leaves."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from contextlib import ExitStack

import pytest

from gpuws.engines.docker.copying.archive import Pack, below, chains, parts, which
from gpuws.engines.docker.copying.image import LABEL
from gpuws.engines.docker.copying.spool import Spool
from gpuws.engines.docker.images import store
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.meter import Meter
from gpuws.model.placement.plan import Progress
from tests.engines.docker.lab_engine import lab_engine
from tests.engines.docker.layers import archive, digest, tarred
from tests.lab import docker_api

NAME = "gpuws-copy/made:1"
SIZES = (2 << 20, 1 << 20, 3 << 20, 100)
NO_CANCEL = threading.Event()

# what an engine 20.10 wrote of two layers: the lower one, and the one above it
LAYERS = (
    "sha256:fdd6e74c99f9323427902dd70be2eed7d57ad2ebd410623b408a61d41a3ef0b6",
    "sha256:657943bb4622c8607fb929b8f51b1cddf7d0f517715488cc55f29abb59b1efd2",
)
LOWEST = "14b972da86a3dacaac6ab33b82be41bb63adcd38dc08774df04a4f0289e2cc99"
NEXT = "07f24620c191dcc81bd4afb6b354640bcd9ebba9399e07c3ba64b6884aa06255"
CONFIG = (
    '"created":"1970-01-01T00:00:00Z","container_config":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,'
    '"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,'
    '"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"os":"linux"}'
)


def test_layers_of_an_older_engine_are_known_by_what_it_tells_of_them():
    lowest = f'{{"id":"{LOWEST}",{CONFIG}'.encode()
    above = f'{{"id":"{NEXT}","parent":"{LOWEST}",{CONFIG}'.encode()
    assert which(LOWEST, lowest, LAYERS) == LAYERS[0]
    assert which(NEXT, above, LAYERS) == LAYERS[1]
    assert which(NEXT, lowest, LAYERS) == ""
    for nonsense in (b"", b"[]", b"{", b'{"parent": 7}'):
        assert which(NEXT, nonsense, LAYERS) == ""
    assert chains(LAYERS)[0] == LAYERS[0]


def test_a_pack_is_as_long_as_it_says_and_names_a_layer_it_does_not_bring():
    layer = b"x" * 700
    config = below({"Architecture": "amd64", "Os": "linux", "Created": None}, [digest(layer)], {LABEL: "sha256:1"})
    pack = Pack(config, digest(config), ["sha256:other", digest(layer)], ["a/b:1"])
    for size, pieces in ((None, pack.pieces()), (700, pack.pieces(700, iter([layer])))):
        data = b"".join(pieces)
        assert len(data) == pack.length(size)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            names = tar.getnames()
            (told,) = json.load(tar.extractfile("manifest.json"))
            assert told["RepoTags"] == ["a/b:1"]
            assert told["Config"] in names
            assert [name in names for name in told["Layers"]] == [False, size is not None]


def test_an_archive_that_ends_early_says_so():
    data = tarred({"blobs/sha256/" + LAYERS[0].removeprefix("sha256:"): b"x" * 2000})
    with pytest.raises(GpuwsError, match="the archive of the image ended early"):
        [list(part.pieces()) for part in parts(iter([data[:1500]]), "sha256:1", LAYERS)]


def test_the_spool_keeps_layers_by_their_digest_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    spool = Spool()
    name = spool.keep(iter([b"ab", b"cd"]))
    assert (name, spool.size(name), b"".join(spool.pieces(name))) == (digest(b"abcd"), 4, b"abcd")
    assert list(tmp_path.iterdir()) == []
    spool.drop(name)
    assert spool.size(name) is None
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    with pytest.raises(GpuwsError, match=r"can't be kept in .*none"):
        spool.keep(iter([b"ab"]))


def test_a_meter_tells_bytes_and_rate_now_and_then():
    now, told = [0.0], []
    meter = Meter(told.append, lambda text, part: Progress("copying", text, part), 100 << 20, clock=lambda: now[0])
    for _ in range(10):
        meter.add(1 << 20)
        now[0] += 0.125
    assert [one.text for one in told] == [
        "1M of 100M", "3M of 100M, 8M/s", "5M of 100M, 8M/s", "7M of 100M, 8M/s", "9M of 100M, 8M/s",
    ]  # fmt: skip
    assert told[-1].fraction == pytest.approx(0.09)
    assert Meter(told.append, lambda text, part: Progress("copying", text, part)).fraction is None


# on the lab's engines, of different age


class Counted:
    """An engine of the lab, and how many bytes it was sent."""

    def __init__(self, stack, host, *, readonly=False):
        self.engine = lab_engine(stack, host, readonly=readonly)
        self.sent = 0
        dial = self.engine._client.dial

        def counting():
            stream = dial()
            send = stream.sendall

            class Counting:
                def sendall(_, data):  # noqa: N805
                    self.sent += len(data)
                    send(data)

                def __getattr__(_, name):  # noqa: N805
                    return getattr(stream, name)

            return Counting()

        object.__setattr__(self.engine._client, "dial", counting)

    @property
    def images(self):
        return self.engine.images


@pytest.fixture(params=[("alpha", "bravo"), ("bravo", "alpha")], ids="-".join)
def made(lab, request):
    """The image on one engine, and another engine; both as they were afterwards."""
    with ExitStack() as stack:
        source, target = (Counted(stack, host) for host in request.param)
        docker_api.call(request.param[0], "POST", "/images/load", stream=io.BytesIO(archive(NAME, SIZES)))
        yield source, target
        for host in request.param:
            docker_api.call(host, "DELETE", f"/images/{NAME}", query={"force": True})
        filters = json.dumps({"label": [LABEL]})
        assert docker_api.call(request.param[1], "GET", "/images/json", query={"filters": filters}) == []


@pytest.mark.lab
def test_a_copy_that_broke_goes_on_where_it_was(made):
    source, target = made
    cancel = threading.Event()

    def after_the_second(progress):
        if sum(layer.phase == "done" for layer in progress.layers) == 2:
            cancel.set()

    with pytest.raises(Cancelled, match=f"keeps what came of {NAME}"):
        source.images.copy(NAME, target.images, after_the_second, cancel)
    assert target.sent > SIZES[0] + SIZES[1]
    assert store.details(target.engine._client, NAME) is None
    target.sent, told = 0, []
    source.images.copy(NAME, target.images, told.append, NO_CANCEL)
    assert SIZES[2] < target.sent < SIZES[2] + SIZES[1]
    assert told[-1].stage == "done"
    ids = {store.details(one.engine._client, NAME)["Id"] for one in made}
    assert len(ids) == 1
    target.sent = 0
    source.images.copy(NAME, target.images, told.append, NO_CANCEL)
    assert target.sent < 100 << 10


@pytest.mark.lab
def test_what_is_missing_and_what_is_read_only_is_refused(lab):
    with ExitStack() as stack:
        source, closed = Counted(stack, "alpha"), Counted(stack, "bravo", readonly=True)
        with pytest.raises(TargetError, match="alpha has no image no/such"):
            source.images.copy("no/such:1", Counted(stack, "bravo").images, print, NO_CANCEL)
        with pytest.raises(Refused, match="bravo is read-only"):
            source.images.copy("gpuws-lab/workspace:latest", closed.images, print, NO_CANCEL)
