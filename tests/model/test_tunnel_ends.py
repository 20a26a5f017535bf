"""What is typed for both ends of a tunnel."""

import pytest

from gpuws.model.consent.bind import bind_confirmation, open_to_others
from gpuws.model.errors import UsageError
from gpuws.model.query.target import parse
from gpuws.model.query.tunnel_ends import Ends, bound, ends, written


@pytest.mark.parametrize(
    ("word", "ports", "to", "found"),
    [
        ("alpha/x:8888", None, None, {"port": 8888}),
        ("alpha/x:8888/tcp", None, None, {"port": 8888}),
        ("alpha/x", "9000:8888", None, {"port": 8888, "local_port": 9000}),
        ("alpha/x:tensorboard", None, None, {"service": "tensorboard"}),
        ("x", "6006:tensorboard", None, {"service": "tensorboard", "local_port": 6006}),
        ("alpha", None, "db:5432", {"port": 5432, "to": "db"}),
        ("alpha", "5433", "db:5432", {"port": 5432, "to": "db", "local_port": 5433}),
        ("alpha", None, "[fd00::5]:80", {"port": 80, "to": "fd00::5"}),
        ("alpha/x", None, "/run/app.sock", {"to": "/run/app.sock"}),
    ],
)
def test_both_ends(word, ports, to, found):
    assert ends(word, ports, to) == Ends(parse(word), **found)


@pytest.mark.parametrize(
    ("word", "ports", "to", "says"),
    [
        ("alpha:53/udp", None, None, "UDP can't go through SSH"),
        ("alpha/x", "53:53/UDP", None, "UDP can't go through SSH"),
        ("alpha", None, "dns:53/udp", "UDP can't go through SSH"),
        ("alpha/x:tensorbord", None, None, "did you mean tensorboard?"),
        ("alpha/x:zzz", None, None, "or one of jupyter, tensorboard"),
        ("alpha/x:1", "2:3", None, "names a port already"),
        ("alpha/x:1", None, "db:3", "names a port already"),
        ("alpha", "2:3", "db:5", "and so does --to"),
        ("alpha", None, "db", "not HOST:PORT"),
        ("alpha", None, "-oProxyCommand:1", "not HOST:PORT"),
        ("alpha", None, "db:0", "not a port"),
        ("alpha", None, "UDP://dns:53", "UDP can't go through SSH"),
        ("alpha", None, "http://db:80/x", "is a URL, not HOST:PORT such as db:5432; here db:80"),
        ("alpha", None, "db/x:80", "not HOST:PORT"),
        ("alpha", None, "db:x:80", "not HOST:PORT"),
        ("alpha", None, ":80", "not HOST:PORT"),
        ("alpha/x", "8888", None, "not LOCAL:PORT"),
        ("alpha/x", None, None, "a port is missing"),
    ],
)
def test_what_is_wrong_is_one_sentence(word, ports, to, says):
    with pytest.raises(UsageError) as caught:
        ends(word, ports, to)
    assert says in f"{caught.value.message} {caught.value.remedy}"


def test_where_it_takes_connections():
    assert [bound(one) for one in (None, "localhost", "127.0.0.1", "0.0.0.0", "fd00::5")] == [
        "", "", "", "0.0.0.0", "fd00::5",
    ]  # fmt: skip
    assert [open_to_others(one) for one in ("", "127.0.0.2", "::1", "0.0.0.0", "::", "10.0.0.5")] == [
        False, False, False, True, True, True,
    ]  # fmt: skip
    with pytest.raises(UsageError, match="not an address"):
        bound("eth0")


@pytest.mark.parametrize(
    ("words", "bind", "command"),
    [
        (("alpha/x:8888", None, None), "", "gpuws tunnel alpha/x:8888 --keep"),
        (("alpha/x", "9000:8888", None), "::1", "gpuws tunnel alpha/x 9000:8888 --bind ::1 --keep"),
        (("alpha", None, "[fd00::5]:80"), "", "gpuws tunnel alpha --to '[fd00::5]:80' --keep"),
        (("alpha:", "5433", "/run/a b"), "0.0.0.0", "gpuws tunnel alpha 5433 --to '/run/a b' --bind 0.0.0.0 --keep"),
    ],
)
def test_it_is_written_as_it_is_typed(words, bind, command):
    assert written(ends(*words), bind) == command


def test_beyond_the_loopback_is_asked_loudly():
    assert bind_confirmation("::1", "alpha", "") is None
    asked = bind_confirmation("0.0.0.0", "alpha/x", "gpuws …")
    assert asked is not None
    assert (asked.title, asked.busy) == ("OPEN alpha/x TO OTHER MACHINES?", True)
    assert "Any machine that reaches this one gets in, as you" in asked.lines[0]
    assert "reaches 10.0.0.5 gets in" in bind_confirmation("10.0.0.5", "alpha", "").lines[0]
