"""`gpus`, `ps`, `hosts`, `tmux ls` on real hosts."""

import json
import subprocess

import pytest

from tests.e2e.gpuws import COMMAND
from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]


def hosts_of(listing):
    return {host["name"]: host for host in listing["hosts"]}


def test_gpus_shows_every_gpu_and_who_holds_it(gpuws, lab):
    hosts = hosts_of(gpuws.json("gpus"))
    assert {name: host["state"] for name, host in hosts.items()} == {"alpha": "up", "bravo": "up", "charlie": "up"}
    assert [gpu["uuid"] for gpu in hosts["alpha"]["gpus"]] == list(lab.hosts["alpha"].uuids)
    assert [gpu["uuid"] for gpu in hosts["bravo"]["gpus"]] == list(lab.hosts["bravo"].uuids)

    first = hosts["alpha"]["gpus"][0]
    assert first["name"] == "NVIDIA A100-SXM4-80GB"
    assert first["utilization_percent"] == 97
    assert 73 << 30 <= first["memory_used_bytes"] <= first["memory_total_bytes"]
    (holder,) = first["held_by"]
    assert {"kind": "container", "name": "torch-dev", "user": "alice", "idle_seconds": None}.items() <= holder.items()

    real = {process.pid: process.args for process in faults.processes("alpha")}
    (process,) = first["processes"]
    assert real[process["pid"]] == process["command"] == "python train.py --config llama-7b.yaml"
    assert (process["container"], process["user"]) == ("torch-dev", "alice")


def test_a_root_process_in_a_plain_container_goes_to_whose_home_it_mounts(gpuws):
    held = hosts_of(gpuws.json("gpus", "alpha"))["alpha"]["gpus"][2]["held_by"]
    assert [(holder["kind"], holder["name"], holder["user"]) for holder in held] == [("container", "bert", "bob")]


def test_a_reservation_and_a_program_outside_any_container(gpuws):
    gpus = hosts_of(gpuws.json("gpus", "bravo"))["bravo"]["gpus"]
    assert [(h["kind"], h["name"], h["user"]) for h in gpus[1]["held_by"]] == [("reservation", "reserved", "carol")]
    assert [(h["kind"], h["user"]) for h in gpus[2]["held_by"]] == [("process", "alice")]
    assert gpus[2]["processes"][0]["session"] == "train"
    assert gpus[3]["held_by"] == []


def test_a_host_without_a_driver_says_so_and_is_up(gpuws):
    charlie = hosts_of(gpuws.json("gpus", "charlie"))["charlie"]
    assert (charlie["state"], charlie["gpus"], charlie["telemetry"]["source"]) == ("up", [], None)
    assert "driver" in charlie["telemetry"]["error"]
    assert charlie["memory_total_bytes"] > 0


def test_the_table_is_for_people(gpuws):
    text = gpuws.ok("gpus")
    assert "torch-dev" in text
    assert "free" in text
    assert "\x1b" not in text


def test_ps_knows_what_is_mine_by_my_login_there(gpuws):
    listing = gpuws.json("ps", "-a")
    rows = {(c["host"], c["name"]): c for c in listing["containers"]}
    assert rows["alpha", "torch-dev"]["mine"] is True
    assert rows["alpha", "bert"]["mine"] is False
    assert rows["bravo", "eval"]["mine"] is False
    torch = rows["alpha", "torch-dev"]
    assert (torch["owner"], torch["profile"], torch["state"], len(torch["gpus"])) == (
        "alice",
        "pytorch-2.8-cu128",
        "running",
        2,
    )
    assert torch["gpu_memory_bytes"] == 2 * (73 << 30)
    assert gpuws.ok("ps", "-q", "--mine").split() == ["alpha/torch-dev"]


def test_the_same_fleet_seen_by_another_person(lab, tmp_path):
    from tests.e2e.gpuws import configured

    bob = configured(tmp_path / "bob", f"hosts: {{bravo-bob: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n")
    mine = {c["name"]: c["mine"] for c in bob.json("ps")["containers"]}
    assert (mine["eval"], mine["reserved"]) == (True, False)


def test_a_person_whose_login_differs_there(gpuws):
    sessions = gpuws.json("tmux", "ls", "charlie")["sessions"]
    assert {session["name"] for session in sessions} == {"main", "notes"}
    hosts = gpuws.json("hosts", "ls")
    assert {host["name"] for host in hosts["hosts"]} == {"alpha", "bravo", "charlie"}


def test_sessions_on_hosts_and_in_my_containers(gpuws):
    sessions = gpuws.json("tmux", "ls")["sessions"]
    assert ("alpha", "torch-dev", "main") in {(s["host"], s["container"], s["name"]) for s in sessions}
    assert ("alpha", None, "train") in {(s["host"], s["container"], s["name"]) for s in sessions}


def test_a_closed_pipe_is_quiet(gpuws):
    done = subprocess.run(
        ["/bin/sh", "-c", f"{COMMAND} gpus | head -1"],
        env=gpuws.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_json_is_one_document_on_stdout(gpuws):
    done = gpuws.run("gpus", "--json")
    assert json.loads(done.stdout)["hosts"]
    assert done.stderr == ""


def test_one_machine_under_two_names_is_shown_once_and_obeys_both(lab, tmp_path):
    """Its three hosts share a kernel, and are three."""
    from tests.e2e.gpuws import configured

    names = "{bravo: {}, alpha: {}, bravo-bob: {readonly: true}}"
    ada = configured(tmp_path / "ada", f"hosts: {names}\nlocal: false\nssh_config: {lab.ssh_config}\n")
    cold = ada.run("stop", "--yes-not-mine", "eval", "bravo/eval")  # nobody has dialled the strict name yet
    assert (cold.returncode, "read-only" in cold.stderr) == (5, True)
    for _ in range(2):  # read by the command, then told at once by the keeper
        hosts = ada.json("gpus")["hosts"]
        assert [(host["name"], host.get("aliases")) for host in hosts] == [("bravo", ["bravo-bob"]), ("alpha", None)]
    assert "bravo-bob/eval" in ada.ok("ps", "-q", "bravo-bob").split()
