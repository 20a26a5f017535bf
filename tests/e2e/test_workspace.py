"""A container's whole life on a hook engine and on a CDI engine: launch, look, enter, notebook, stop, remove."""

import json
import signal
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.e2e.gpuws import configured, copied, status_behind
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
HOSTS = ["alpha", "bravo"]
PLAIN = "image: gpuws-lab/workspace:latest\npull_policy: never\nmem_limit: 256m\ncommand: [sleep, infinity]\n"


def inspect(host: str, name: str):
    from tests.lab import docker_api

    return docker_api.call(host, "GET", f"/containers/{name}/json")


@pytest.fixture(scope="module", params=HOSTS)
def workspace(request, scene, tmp_path_factory):
    """A launched container, `HOST/NAME`, on the one free GPU: of all tests behind those that want none, and the last of
    them removes it."""
    host, name = request.param, "e2e"
    ada = copied(tmp_path_factory.mktemp("ada"), scene.config_dir).alone
    launched = ada.json("launch", "lab", "-H", host, "--name", name, timeout=90)
    yield host, name, launched
    ada.run("rm", "-f", "--yes", f"{host}/{name}")


def test_dry_run_creates_nothing_and_shows_the_command(gpuws):
    for host in HOSTS:
        plan = gpuws.json("launch", "lab", "-H", host, "--name", "never", "--dry-run")
        assert plan["command"].startswith("docker run -d --name never")
        assert "hunter2" not in json.dumps(plan)
        assert "-e SECRET_OF_MINE" in plan["command"]
        assert {check["status"] for check in plan["checks"]} <= {"ok", "warn"}
        assert inspect(host, "never") is None


def test_two_people_through_one_login_are_two_people(lab, tmp_path):
    """Hers is told from his by its label, which also tells him that his login is not his alone."""
    ways = f"local: false\nssh_config: {lab.ssh_config}\n"
    ada = configured(tmp_path / "ada", f"hosts: {{alpha: {{shared_login: true}}}}\n{ways}", [("plain", PLAIN)]).alone
    bob = configured(tmp_path / "bob", f"hosts: {{alpha: {{}}}}\n{ways}").alone
    (bob.config / "config.yaml").write_text("me: [bob]\n")
    try:
        ada.ok("launch", "plain", "-H", "alpha", "--name", "hers")
        assert inspect("alpha", "hers")["Config"]["Labels"]["gpuws.owner"] == "ada"
        assert {c["name"] for c in ada.json("ps")["containers"] if c["mine"]} == {"hers"}
        assert not any(c["mine"] for c in bob.json("ps")["containers"])
        assert bob.run("stop", "--yes", "alpha/hers").returncode == 5
    finally:
        ada.run("rm", "-f", "--yes", "alpha/hers")


def test_what_is_not_mine_needs_its_name(gpuws):
    refused = gpuws.run("stop", "--yes", "bravo/eval")
    assert refused.returncode == 5
    assert "--yes-not-mine eval" in refused.stderr
    assert inspect("bravo", "eval")["State"]["Running"]
    assert gpuws.run("stop", "--yes-not-mine", "other", "bravo/eval").returncode == 5
    assert inspect("bravo", "eval")["State"]["Running"]


@pytest.mark.parametrize("target", ["alpha", "alpha/torch-dev"])
def test_ctrl_c_ends_what_exec_started_on_the_other_side(gpuws, target):
    program = f"sleep 4711.{time.time_ns()}"  # nobody else's
    process = gpuws.popen("exec", target, "--", "sh", "-c", f"echo up; exec {program}")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    process.stdout.close()
    process.stderr.close()
    deadline = time.monotonic() + 5
    while any(other.args == program for other in faults.processes("alpha")):
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.1)


def test_a_host_session_through_a_real_terminal(gpuws):
    with gpuws.terminal("attach", "charlie:notes") as terminal:
        terminal.wait_for("watch|Every 20")
        terminal.press("ctrl+b", "d")
        assert terminal.wait_exit(15) == 0
    with gpuws.terminal("attach", "--new", "charlie:fresh") as terminal:
        terminal.wait_for(r"\[fresh\]|leaves ·")
        terminal.send("whoami\r")
        terminal.wait_for("as1204")
        terminal.send("exit\r")
        assert terminal.wait_exit(15) == 0


def test_a_login_shell_returns_its_own_status(gpuws):
    with gpuws.terminal("shell", "alpha") as terminal:
        terminal.wait_for(r"alpha")
        terminal.send("exit 3\r")
        assert terminal.wait_exit(15) == 3


def test_launch_gives_the_one_free_gpu_by_uuid_and_labels_it_mine(workspace, gpuws, lab):
    host, name, launched = workspace
    free = {"alpha": 3, "bravo": 3}[host]
    uuid = lab.hosts[host].uuids[free]
    assert (launched["state"], launched["gpus"]) == ("running", [uuid])
    made = inspect(host, name)
    (request,) = made["HostConfig"]["DeviceRequests"]
    assert request["DeviceIDs"] == [uuid if host == "alpha" else f"nvidia.com/gpu={uuid}"]
    environment = dict(item.split("=", 1) for item in made["Config"]["Env"])
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert environment["SECRET_OF_MINE"] == "hunter2"
    labels = made["Config"]["Labels"]
    assert (labels["gpuws.owner"], labels["gpuws.profile"], labels["gpuws.gpus"]) == ("alice", "lab", uuid)
    assert "hunter2" not in json.dumps(labels)
    assert made["HostConfig"]["Memory"] == made["HostConfig"]["MemorySwap"] == 2 << 30
    assert made["Config"]["User"] == {"alpha": "1000:1000", "bravo": "2001:2001"}[host]
    assert not made["HostConfig"]["PortBindings"]
    row = next(c for c in gpuws.json("ps", host)["containers"] if c["name"] == name)
    assert (row["mine"], row["owner"], row["gpus"]) == (True, "alice", [uuid])
    holder = next(h for h in gpuws.json("gpus", host)["hosts"][0]["gpus"][free]["held_by"])
    assert (holder["kind"], holder["name"], holder["user"]) == ("reservation", name, "alice")


def test_attach_enters_its_tmux_session_and_detaching_leaves_it_running(workspace, gpuws):
    host, name, _ = workspace
    with gpuws.terminal("attach", f"{host}/{name}") as terminal:
        terminal.wait_for(r"\[main\]|leaves ·")
        terminal.send("echo $((6*7))-here; tty\r")
        terminal.wait_for(r"42-here")
        terminal.press("ctrl+b", "d")
        assert terminal.wait_exit(15) == 0
    with gpuws.terminal("attach", f"{host}/{name}", columns=90, rows=30) as terminal:
        terminal.wait_for(r"42-here")
        # An old engine learns the size after the start only.
        terminal.send("until stty size | grep -qE '^(29|30) 90$'; do sleep 0.2; done; echo $((40+2))-sized\r")
        terminal.wait_for("42-sized")
        terminal.press("ctrl+b", "d")
        assert terminal.wait_exit(15) == 0


def test_exec_and_logs_return_what_the_program_said(workspace, gpuws):
    host, name, _ = workspace
    done = gpuws.run("exec", f"{host}/{name}", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")
    done = gpuws.run("exec", "-w", "/tmp", "-e", "K=a b", f"{host}/{name}", "sh", "-c", 'echo "$K" $(pwd)')
    assert done.stdout == "a b /tmp\n"
    assert gpuws.run("exec", f"{host}/{name}", "no-such-program").returncode in (126, 127)
    assert gpuws.run("logs", f"{host}/{name}", "--tail", "5").returncode == 0


def test_jupyter_answers_through_the_tunnel_with_its_token_and_not_without(workspace, gpuws):
    host, name, _ = workspace
    process = gpuws.popen("jupyter", f"{host}/{name}", "--json")
    try:
        line = json.loads(process.stdout.readline())
        parts = urllib.parse.urlsplit(line["url"])
        assert (parts.hostname, parts.port) == ("127.0.0.1", line["local_port"])
        base = f"http://127.0.0.1:{parts.port}/api/status"
        with urllib.request.urlopen(f"{base}?{parts.query}", timeout=20) as reply:
            assert "kernels" in json.load(reply)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(base, timeout=20)
        assert refused.value.code == 403
        token = urllib.parse.parse_qs(parts.query)["token"][0]
        assert not any(token in other.args for other in faults.processes(host))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        process.stdout.close()
        process.stderr.close()


def test_a_tunnel_to_any_port(workspace, gpuws):
    host, name, _ = workspace
    process = gpuws.popen("tunnel", f"{host}/{name}:8888", "--json")
    try:
        port = json.loads(process.stdout.readline())["tunnels"][0]["local_port"]
        assert status_behind(port) == 403
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)
        process.stdout.close()
        process.stderr.close()


def test_stop_asks_start_returns_and_rm_removes(workspace, gpuws):
    host, name, _ = workspace
    target = f"{host}/{name}"
    refused = gpuws.run("stop", target)
    assert refused.returncode == 5
    assert "--yes" in refused.stderr
    assert inspect(host, name)["State"]["Running"]
    dry = gpuws.ok("stop", "--dry-run", target)
    assert f"docker stop {name}" in dry
    gpuws.ok("stop", "--yes", target)
    assert not inspect(host, name)["State"]["Running"]
    gpuws.ok("start", target)
    gpuws.ok("restart", "--yes", target)
    assert inspect(host, name)["State"]["Running"]
    gpuws.ok("rm", "-f", "--yes", target)
    assert inspect(host, name) is None
