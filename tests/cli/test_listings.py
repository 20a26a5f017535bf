"""gpus, ps and tmux ls through the installed command, on the demo lab."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from gpuws.cli.terminal.alternate_screen import LEAVE

HOST_KEYS = {"name", "state", "error", "age_seconds"}


def test_gpus_json_has_the_promised_shape_and_failed_hosts_keep_their_rows(gpuws):
    done = gpuws("gpus", "--json")
    assert done.returncode == 3
    hosts = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
    assert list(hosts) == ["alpha", "bravo", "delta", "echo", "foxtrot", "golf", "local"]
    assert hosts["echo"]["state"] == "host-key-changed"
    assert hosts["golf"]["state"] == "down"
    assert hosts["golf"]["gpus"] == []
    assert hosts["golf"]["age_seconds"] is None
    assert hosts["delta"]["age_seconds"] >= 12
    assert hosts["local"]["telemetry"] == {"source": None, "error": "no NVIDIA driver"}
    gpu = hosts["alpha"]["gpus"][2]
    assert gpu["held_by"][0]["kind"] == "container"
    assert gpu["held_by"][0]["idle_seconds"] > 9 * 3600 - 1
    assert gpu["processes"][0]["notebook"] == "exp7.ipynb"
    assert hosts["bravo"]["gpus"][7]["utilization_percent"] is None
    assert "gpuws: echo: " in done.stderr
    assert "gpuws: golf: " in done.stderr


def test_details_are_read_where_they_are_asked_for(gpuws):
    done = gpuws("gpus", "alpha", "bravo", "--json", "--detail")
    rows = [gpu for host in json.loads(done.stdout)["hosts"] for gpu in host["gpus"]]
    assert all(gpu["detail"] for gpu in rows if gpu["health"] == "ok")
    assert rows[0]["detail"]["sm_clock_megahertz"] > 0
    plain = json.loads(gpuws("gpus", "alpha", "--json").stdout)["hosts"][0]["gpus"]
    assert all(gpu["detail"] is None for gpu in plain)
    for words in (["gpus", "--detail"], ["gpus", "--json", "--watch", "--detail"]):
        assert "--json --detail" in gpuws(*words).stderr


def test_only_the_chosen_hosts_count(gpuws):
    assert gpuws("gpus", "alpha").returncode == 0
    assert gpuws("gpus", "-H", "golf").returncode == 3
    assert gpuws("gpus", "-H", "golf", "--allow-partial").returncode == 0
    tagged = json.loads(gpuws("gpus", "--tag", "room-3", "--json").stdout)
    assert [host["name"] for host in tagged["hosts"]] == ["alpha", "bravo"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("gpus", "nowhere"), 4, "known hosts: alpha"),
        (("gpus", "--tag", "attic"), 4, "known tags: "),
        (("gpus", "--filter", "colour=red"), 2, "write host=…, "),
        (("gpus", "--filter", "utl>10"), 2, "did you mean util?"),
        (("ps", "--timeout", "soon"), 2, "--timeout"),
    ],
)
def test_wrong_words_are_one_line_and_the_right_code(gpuws, words, code, says):
    done = gpuws(*words)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("gpuws: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_a_stale_host_is_named_but_is_no_failure(gpuws):
    done = gpuws("gpus", "delta")
    assert done.returncode == 0
    assert "gpuws: delta: link lost" in done.stderr
    assert done.stdout.count("L40S") == 8


def test_tables_in_a_pipe_are_plain_and_whole(gpuws):
    done = gpuws("gpus", "alpha", "foxtrot")
    lines = done.stdout.splitlines()
    assert "\x1b" not in done.stdout
    assert lines[0].split() == ["HOST", "GPU", "NAME", "MEMORY", "UTIL", "TEMP", "POWER", "HELD", "BY", "PROGRAM"]
    assert lines[3].endswith("bob jup ▸ exp7.ipynb (idle 9h00)  python -m ipykernel_launcher -f kernel-7f3a.json")
    assert len(lines) == 7


def test_filters_choose_rows(gpuws):
    free = gpuws("gpus", "--filter", "free", "alpha").stdout.splitlines()[1:]
    assert [line.split()[1] for line in free] == ["3"]
    hers = gpuws("gpus", "--filter", "user=CAROL gpu<3", "bravo").stdout.splitlines()[1:]
    assert [line.split()[1] for line in hers] == ["0", "1", "2"]


def test_ps_shows_running_ones_and_with_a_all(gpuws):
    running = json.loads(gpuws("ps", "alpha", "--json").stdout)
    assert set(running["hosts"][0]) == HOST_KEYS
    assert {c["name"] for c in running["containers"]} == {"torch-dev", "jup", "tensorboard"}
    everything = {c["name"]: c for c in json.loads(gpuws("ps", "-a", "alpha", "--json").stdout)["containers"]}
    assert everything["old-exp"]["reason"] == "exited 137, out of memory"
    assert everything["torch-dev"]["mine"] is True
    assert everything["jup"]["mine"] is False
    assert everything["tensorboard"]["ports"] == [{"target": 6006, "host_ip": "127.0.0.1", "published": 16006}]
    assert everything["data-prep"]["created"].endswith("Z")


def test_ps_quiet_prints_targets_that_other_commands_take(gpuws):
    assert gpuws("ps", "-q", "--mine", "alpha").stdout.split() == ["alpha/tensorboard", "alpha/torch-dev"]
    assert gpuws("ps", "-q", "alpha", "--filter", "state=exited").stdout.split() == ["alpha/data-prep", "alpha/old-exp"]


def test_a_host_without_an_engine_is_said_and_fails_nothing(gpuws):
    done = gpuws("ps", "local")
    assert done.returncode == 0
    assert "no Docker engine" in done.stdout
    assert "install Docker Engine" in done.stderr


def test_tmux_lists_sessions_of_hosts_and_containers(gpuws):
    rows = json.loads(gpuws("tmux", "ls", "alpha", "--json").stdout)["sessions"]
    assert {(row["container"], row["name"]) for row in rows} == {("torch-dev", "main"), (None, "data"), (None, "notes")}
    assert "main" in gpuws("tmux", "-H", "local").stdout


def test_a_closed_pipe_is_quiet(gpuws):
    process = gpuws.start("top", "alpha", "--json")
    assert process.stdout.readline().startswith('{"hosts"')
    process.stdout.close()
    assert process.wait(20) == 141
    assert process.stderr.read() == ""


def test_ctrl_c_ends_top_with_130_and_no_traceback(gpuws):
    process = gpuws.start("top", "alpha")
    assert process.stdout.readline().startswith("HOST")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_person_gets_the_sums_and_a_pipe_does_not(terminal, gpuws):
    tty = terminal("gpus", "alpha")
    assert "4 GPUs · 1 free · 3 held · 1 idle · 112G free · " in tty.wait_for(" GPUs · ")
    assert tty.wait_exit() == 0
    done = gpuws("gpus", "alpha")
    assert "4 GPUs" not in done.stdout + done.stderr


def test_top_is_the_list_of_the_screen_in_the_same_place(terminal):
    tty = terminal("top", "alpha", columns=100)
    tty.wait_for(r"jup ▸")
    shown = tty.wait_for(lambda _text: tty.raw.count(b"1 idle") > 2)  # painted again
    assert shown.count("HELD BY") == 1
    assert "4 GPUs · 1 free · 3 held · 1 idle" in shown.splitlines()[0]
    assert re.search(r"0 +▄+▖?▁* +74/80G .* alice +torch-dev ▸ train.py", shown)
    assert tty.raw.count(b"HELD BY") == 1  # what reads the same is not written again
    assert b"\x1b[2J" not in tty.raw  # nothing is wiped before it is painted anew
    assert b"\x1b[1;32mfree" in tty.raw
    tty.press("ctrl+c")
    assert tty.wait_exit() == 130
    tty.wait_for(lambda _text: tty.raw.endswith(LEAVE.encode()))  # the reader may be behind


def test_top_takes_keys_for_the_order_and_to_scroll_and_q_leaves_it(terminal):
    tty = terminal("top", columns=80, rows=12)
    tty.wait_for(" 1–6 of")
    tty.press("r")
    tty.wait_for(r"(?s)bravo.* 4 +▁+ .*free")  # the host with the most free GPUs
    tty.press("j", "down")
    tty.wait_for(" 3–8 of")
    tty.press(">", "left")  # by another column; an arrow that means nothing does nothing
    tty.wait_for("↓|↑")
    tty.press("q")
    assert tty.wait_exit() == 0
    assert tty.restored


def test_top_fits_the_window_when_that_changes(terminal):
    tty = terminal("top", columns=80, rows=12)
    tty.wait_for(" 1–6 of")
    tty.resize(120, 40)
    shown = tty.wait_for(r"golf\.lab\.example.*\n.*local")
    assert " 1–" not in shown
    assert "TEMP" in shown
    tty.press("q")
    assert tty.wait_exit() == 0


def test_top_says_who_is_away_where_not_all_is_seen(terminal):
    tty = terminal("top", columns=80, rows=20)
    shown = tty.wait_for("golf: ")
    assert "echo: " in shown
    tty.press("q")
    assert tty.wait_exit() == 0


def test_gpus_stand_in_the_order_that_is_asked_for(gpuws):
    def order(*words: str) -> list[tuple[str, int]]:
        hosts = json.loads(gpuws("gpus", "--json", "--allow-partial", *words).stdout)["hosts"]
        return [(host["name"], gpu["index"]) for host in hosts for gpu in host["gpus"]]

    assert order("--sort", "free-first")[:2] == [("bravo", 4), ("bravo", 5)]
    assert order("alpha", "--sort", "memory")[-1] == ("alpha", 3)
    assert order("alpha", "--sort", "-memory")[0] == ("alpha", 3)
    assert order("--sort", "-name")[0] == ("foxtrot", 1)
    refused = gpuws("gpus", "--sort", "colour")
    assert refused.returncode == 2
    assert "--sort colour: there is no such column — one of free-first, name, " in refused.stderr
    assert gpuws("gpus", "--by", "user", "--sort", "memory").returncode == 2


def test_watching_in_a_pipe_prints_whole_tables_or_a_document_a_line(gpuws):
    plain = gpuws.start("top", "foxtrot")
    block = [plain.stdout.readline() for _ in range(4)]
    assert block[0].startswith("HOST")
    assert block[1].rstrip().endswith("vllm serve Qwen3-8B --port 8000")
    assert block[3] == "\n"
    documents = gpuws.start("gpus", "foxtrot", "--json", "--watch")
    first, second = (json.loads(documents.stdout.readline()) for _ in range(2))
    assert first.keys() == second.keys()
    for process in (plain, documents):
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130


def test_by_user_sums_what_each_person_holds(gpuws):
    done = gpuws("gpus", "--by", "user", "alpha", "bravo")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["USER", "GPUS", "SHARED", "IDLE", "RESERVED", "NOT", "SEEN", "MEMORY"]
    assert lines[-1].startswith("all held")
    assert {line.split()[0] for line in lines[1:]} >= {"alice", "bob", "carol"}
    users = json.loads(gpuws("gpus", "--by", "user", "--filter", "carol", "--json", "bravo").stdout)["users"]
    assert (users[0]["user"], users[0]["mine"]) == ("carol", False)
    assert users[0]["gpus"] > users[0]["idle_gpus"] >= 1
    assert gpuws("gpus", "--by", "colour").returncode == 2


def test_tables_on_a_terminal_are_cut_and_coloured(terminal):
    tty = terminal("ps", "-a", "alpha", columns=80)
    lines = tty.wait_for("torch-dev").splitlines()
    assert tty.wait_exit() == 0
    assert b"\x1b[32mrunning" in tty.raw
    assert all(line.startswith(("HOST", "alpha")) for line in lines if line)  # none wraps
    assert any("…" in line for line in lines)
    plain = terminal("ps", "-a", "alpha", NO_COLOR="1")
    plain.wait_for("torch-dev")
    assert b"\x1b" not in plain.raw


def test_the_module_is_the_command(gpuws, tmp_path):
    import sys

    done = subprocess.run([sys.executable, "-m", "gpuws", "--version"], capture_output=True, text=True, timeout=20)
    assert done.stdout == gpuws("--version").stdout
    assert done.stdout.startswith("gpuws ")


def test_the_demo_has_a_wait_that_says_who_is_in_the_way(gpuws):
    (waiting,) = json.loads(gpuws("waits", "--json").stdout)["waits"]
    assert (waiting["state"], waiting["name"]) == ("waiting", "pretrain")
    assert "bravo has 2 of 7" in waiting["detail"]


def test_watching_loads_nothing_of_the_screen_but_its_lines():
    code = "import sys; from gpuws.cli.listings import order, picture, watch; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "textual" not in loaded.split()
