"""On the lab: who and what holds each GPU — by label, home, uid, reservation, tmux pane, notebook — and ending it."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.fleet.events import HostUpdated
from gpuws.fleet.local.assembly import assemble
from gpuws.model.errors import Refused
from gpuws.model.ownership.tenancy import tenancy
from gpuws.model.ownership.usage import by_person
from gpuws.model.timeline import Subject
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.present.documents.gpus import gpus
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.doors import doors
from tests.keeper.serving import until
from tests.lab import docker_api, faults, images, scene
from tests.lab.hosts import HOSTS

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]
HOST, BOX, TOKEN = "bravo", "attribution", "secret-of-the-attribution-test"
NOTEBOOK_GPU, PLAIN_GPU = 5, 6
GIB = 1 << 30


class Seen:
    """A fleet of the lab, and the way to wait for what it shows."""

    def __init__(self, lab, tmp_path):
        paths = find_paths(lab.config_dir, {"HOME": str(tmp_path)})
        self.fleet = assemble(load_configuration(paths, {}), paths, ("alpha", "bravo"))
        self.changed = threading.Condition()
        self.latest = {}
        self.fleet.subscribe(self.take)
        self.fleet.start()

    def take(self, event):
        if isinstance(event, HostUpdated):
            with self.changed:
                self.latest[event.snapshot.name] = event.snapshot
                self.changed.notify_all()

    def until(self, host, ready, what, seconds=60):
        """The first snapshot of `host` that is `ready`."""
        with self.changed:
            found = self.changed.wait_for(lambda: host in self.latest and ready(self.latest[host]), seconds)
            assert found, f"{what}: {self.latest.get(host)}"
            return self.latest[host]

    def complete(self, host):
        return self.until(host, lambda s: s.complete >= {"telemetry", "containers"}, "never complete")


@pytest.fixture(scope="module")
def seen(lab, tmp_path_factory):
    for name in ("alpha", "bravo"):
        scene.ensure(HOSTS[name])
    one = Seen(lab, tmp_path_factory.mktemp("ada"))
    yield one
    one.fleet.close()


def test_a_root_process_in_a_container_belongs_to_whose_home_it_mounts(seen):
    gpu = seen.complete("alpha").gpus[2]
    [process] = gpu.processes
    assert (process.user, process.container, gpu.held_by[0].user) == ("bob", "bert", "bob")
    assert any(p.user == "root" and "bert.yaml" in p.args for p in faults.processes("alpha"))
    assert process.container_id
    assert process.inner_pid == 1


def test_a_labelled_container_belongs_to_its_owner_on_every_gpu(seen):
    alpha = seen.complete("alpha")
    assert [[(h.kind, h.name, h.user, h.mine) for h in gpu.held_by] for gpu in alpha.gpus[:2]] == [
        [("container", "torch-dev", "alice", True)]
    ] * 2
    assert next(str(share) for share in by_person([alpha]) if share.user == "alice") == "alice: 2 GPUs, 146G"


def test_a_container_that_runs_nothing_holds_what_it_was_given(seen):
    gpu = seen.complete("bravo").gpus[1]
    assert gpu.processes == ()
    assert [(h.kind, h.name, h.user) for h in gpu.held_by] == [("reservation", "reserved", "carol")]
    assert not gpu.free


def test_a_process_in_a_tmux_pane_is_known_by_its_session(seen):
    bravo = seen.until("bravo", lambda s: any(p.session for p in s.gpus[2].processes), "no session")
    [process] = bravo.gpus[2].processes
    assert (process.user, process.session, process.container, process.mine) == ("alice", "train", None, True)
    assert [(h.kind, h.name) for h in bravo.gpus[2].held_by] == [("process", "train.py")]


def test_a_process_in_a_containers_tmux_is_known_by_that_session(seen):
    """It is asked inside my containers only; /proc tells whose child the process is."""
    alpha = seen.until("alpha", lambda s: any(p.session for p in s.gpus[0].processes), "no session")
    for gpu in alpha.gpus[:2]:
        [process] = gpu.processes
        assert (process.user, process.container, process.session) == ("alice", "torch-dev", "main")
        [door] = doors(Selection(alpha, gpu=gpu, process=process))
        assert (door.place.workspace, door.session) == (process.container_id, "main")
    assert "alice: torch-dev:main 73G" in tenancy(alpha.gpus[0])
    [public] = gpus([alpha], 0.0)["hosts"]
    assert public["gpus"][0]["processes"][0]["session"] == "main"
    [stranger] = seen.complete("bravo").gpus[0].processes
    assert (stranger.user, stranger.container, stranger.session) == ("bob", "eval", None)


@pytest.fixture(scope="module")
def box(seen):
    """A container of mine with JupyterLab and a program that waits."""
    docker_api.call(HOST, "DELETE", f"/containers/{BOX}", query={"force": 1})
    body = {
        "Image": images.WORKSPACE,
        "Cmd": ["jupyter", "lab", "--no-browser", "--ip=0.0.0.0", "--port=8888", "--ServerApp.root_dir=/tmp"],
        "User": "2001:2001",
        "Env": [f"JUPYTER_TOKEN={TOKEN}", "HOME=/tmp"],
        "Labels": {"gpuws.owner": "alice"},
        "HostConfig": {"Init": True},
    }
    made = docker_api.call(HOST, "POST", "/containers/create", query={"name": BOX}, body=body)
    docker_api.call(HOST, "POST", f"/containers/{made['Id']}/start")
    bravo = seen.until(HOST, lambda s: any(c.name == BOX and c.enterable for c in s.workspaces), "no container")
    yield next(c for c in bravo.workspaces if c.name == BOX)
    docker_api.call(HOST, "DELETE", f"/containers/{BOX}", query={"force": 1})


# From inside, where the server is: open a notebook's kernel once the server answers.
OPEN = """
import json, sys, time, urllib.request
session = {"path": "exp/exp7.ipynb", "name": "exp7.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
for _ in range(120):
    try:
        request = urllib.request.Request("http://127.0.0.1:8888/api/sessions", json.dumps(session).encode(),
            {"Authorization": "token " + sys.argv[1], "Content-Type": "application/json"})
        print(json.load(urllib.request.urlopen(request, timeout=30))["kernel"]["id"])
        break
    except OSError:
        time.sleep(0.5)
"""


@contextmanager
def on_gpu(index, pid):
    """The host's GPU says that `pid` holds 3 GiB of it and rests."""
    faults.set_gpus(HOST, {index: {"processes": f"{pid}:{3 * GIB}:0", "memory_used": 3 * GIB}})
    try:
        yield
    finally:
        faults.set_gpus(HOST, {index: {"processes": "", "memory_used": 4 << 20}})


def pid_of(words):
    listing = docker_api.call(HOST, "GET", f"/containers/{BOX}/top", query={"ps_args": "-eo pid,args"})
    return next((int(pid) for pid, args in listing["Processes"] if words in args), None)


def held(index):
    return lambda snapshot: bool(snapshot.gpus) and bool(snapshot.gpus[index].processes)


def test_a_kernel_is_known_by_its_notebook_and_rests_since_its_last_activity(seen, box):
    done = seen.fleet.run(box.place, ["python3", "-c", OPEN, TOKEN], timeout=90)
    kernel = done.stdout.decode().strip()
    assert kernel, done.stderr.decode()
    pid = pid_of(f"kernel-{kernel}.json")
    assert pid
    with on_gpu(NOTEBOOK_GPU, pid):  # and nobody watches the host
        bravo = seen.until(HOST, lambda s: any(p.notebook for p in s.gpus[NOTEBOOK_GPU].processes), "no notebook")
        [process] = bravo.gpus[NOTEBOOK_GPU].processes
        assert (process.notebook, process.container, process.user) == ("exp/exp7.ipynb", BOX, "alice")
        assert process.mine
        [book] = [one for one in bravo.notebooks if one.kernel == kernel]
        assert (book.container, book.port) == (BOX, 8888)
        assert abs(book.last_activity - time.time()) < 120
        assert TOKEN not in json.dumps([str(bravo)])


# From inside, as a page would: a cell that runs, and how it ended.
CELL = """
import glob, sys
from jupyter_client import BlockingKernelClient
[path] = glob.glob("/tmp/.local/share/jupyter/runtime/kernel-" + sys.argv[1] + ".json")
client = BlockingKernelClient(connection_file=path)
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=60)
cell = "import time; open('/tmp/runs-" + sys.argv[1] + "', 'w').close(); time.sleep(600)"
reply = client.execute_interactive(cell, timeout=90, output_hook=lambda message: None)
print(reply["content"].get("ename"))
"""


@pytest.mark.soak
def test_a_long_cell_is_interrupted_and_shutting_its_kernel_down_frees_the_gpu(seen, box):
    kernel = seen.fleet.run(box.place, ["python3", "-c", OPEN, TOKEN], timeout=90).stdout.decode().strip()

    def book():
        assert seen.fleet.read_notebooks(HOST)
        return next((one for one in seen.latest[HOST].notebooks if one.kernel == kernel), None)

    with ThreadPoolExecutor() as pool, on_gpu(NOTEBOOK_GPU, pid_of(f"kernel-{kernel}.json")):
        page = pool.submit(seen.fleet.run, box.place, ["python3", "-c", CELL, kernel], timeout=120)
        until(lambda: seen.fleet.run(box.place, ["test", "-e", f"/tmp/runs-{kernel}"]).ok, "the cell runs", 60)
        assert book().state == "busy"
        seen.fleet.act_on_kernel(HOST, kernel, "interrupt")
        assert page.result(60).stdout.decode() == "KeyboardInterrupt\n"
        seen.fleet.act_on_kernel(HOST, kernel, "shutdown")
        until(lambda: pid_of(f"kernel-{kernel}.json") is None, "its process ends", 30)
    assert book() is None
    with pytest.raises(Refused, match="whose token is at hand"):
        seen.fleet.act_on_kernel(HOST, kernel, "interrupt")


def test_a_signal_goes_into_the_container_as_its_engine_allows(seen, box):
    """alice may not end another uid's process on the host; Docker lets her."""
    started = docker_api.call(HOST, "POST", f"/containers/{BOX}/exec", body={"Cmd": ["sleep", "4242"], "User": "0"})
    docker_api.call(HOST, "POST", f"/exec/{started['Id']}/start", body={"Detach": True})
    deadline = time.monotonic() + 20
    while (pid := pid_of("sleep 4242")) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with on_gpu(PLAIN_GPU, pid):
        bravo = seen.until(HOST, held(PLAIN_GPU), "no process")
        [process] = bravo.gpus[PLAIN_GPU].processes
        assert (process.pid, process.user, process.container) == (pid, "alice", BOX)
        refused = seen.fleet.run(PlaceRef(HOST), ["kill", str(pid)])
        assert not refused.ok
        seen.fleet.signal(HOST, pid, "KILL")
        seen.until(HOST, lambda s: not s.gpus[PLAIN_GPU].processes, "still there")
    assert pid_of("sleep 4242") is None


def test_a_strangers_process_on_the_host_is_refused_in_one_sentence(seen):
    victim = faults.run(HOST, ["su", "-l", "bob", "-c", "setsid sleep 4343 >/dev/null 2>&1 </dev/null & echo $!"])
    pid = int(victim.stdout)
    try:
        pid = next(p.pid for p in faults.processes(HOST) if p.args == "sleep 4343")
        with on_gpu(PLAIN_GPU, pid):
            seen.until(HOST, held(PLAIN_GPU), "no process")
            with pytest.raises(Refused, match=f"process {pid} on {HOST} is not yours: no permission"):
                seen.fleet.signal(HOST, pid, "TERM")
    finally:
        faults.run(HOST, ["sh", "-c", f"kill -KILL {pid}"], check=False)


def test_history_and_trend_grow_while_it_is_watched(seen):
    bravo = seen.complete(HOST)
    found = seen.fleet.history(HOST, Subject(bravo.gpus[0].uuid), "5m")
    assert found.of("utilization").mean is not None
    assert found.of("power").peak is not None
    assert seen.fleet.history(HOST, Subject(), "5m").of("memory").mean is not None
