"""`gpuws hosts top`: who takes the processors and the memory."""

import json

from gpuws.model.host.busiest import Busiest, HostProcess, StalledMount
from gpuws.present.line import text_of
from gpuws.present.tables.load import busiest as table
from tests.factories import GIB, NOW


def test_people_and_what_they_run(gpuws):
    done = gpuws("hosts", "top", "alpha")
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("6 × data loaders: python train.py", "VS Code server: extensions", "coding agent (claude)", "alice"):
        assert words in done.stdout
    assert done.stdout.splitlines()[0].split() == ["HOST", "PID", "USER", "CPU%", "RAM", "GPU", "TIME", "WHAT"]


def test_every_host_is_asked_and_one_that_is_away_hides_none(gpuws):
    done = gpuws("hosts", "top", "--json")
    told = json.loads(done.stdout)
    away = {one["name"] for one in told["hosts"] if one["state"] != "up"}
    asked = [one["host"] for one in told["load"]]
    assert (done.returncode, bool(away)) == (3, True)
    assert asked == [one["name"] for one in told["hosts"] if one["name"] not in away]
    assert all(name in done.stderr for name in away)


def test_as_json(gpuws):
    done = gpuws("hosts", "top", "alpha", "--json")
    (host,) = json.loads(done.stdout)["load"]
    assert done.returncode == 0
    assert (host["host"], host["hidden"], host["stalled_mounts"]) == ("alpha", False, [])
    loaders = next(one for one in host["processes"] if one["kind"] == "data loader")
    assert len(loaders["pids"]) == 6
    assert loaders["cpu_percent"] == 444.0


STUCK = HostProcess((51,), "bob", "[cat]", state="D", cpu_percent=0.0, memory=1, waits=42.0, waits_in="rpc_wait")
BUSY = [HostProcess((60 + n,), "bob", f"job {n}", cpu_percent=90.0 - n, memory=GIB) for n in range(30)]
HANGS = Busiest("alpha", NOW, (*BUSY, STUCK), hidden=True, stalled=(StalledMount("nas", ("/data",), (51, 99)),))


def test_who_waits_in_vain_is_told_whatever_else_runs():
    shown = [text_of(row.cells[-1]) for row in table.of_host(HANGS, NOW).rows]
    assert shown[-1] == "[cat]  has waited 42s in rpc_wait, can't be ended"
    assert len(shown) == table.FEW + 1
    assert len(table.of_host(HANGS, NOW, most=None).rows) == 31
    said = [text_of(line) for line in table.notes(HANGS)]
    assert said == [
        "/proc there shows only my own processes (hidepid): others' are not listed",
        "NFS does not answer: /data from nas; waiting: [cat] (bob, 51), 99",
    ]


def test_a_disk_at_work_is_no_trouble():
    row = HostProcess((51,), "bob", "dd", state="D", waits=1.0, memory=1)
    assert text_of(table.listing([Busiest("alpha", NOW, (row,))], NOW).rows[0].cells[-1]) == "dd"
