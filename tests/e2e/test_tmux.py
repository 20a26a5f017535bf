"""tmux's depth on hosts with tmux 3.3a (alpha) and 3.5a (bravo): the same words, the same answers."""

import json
import uuid

import pytest

from tests.e2e.gpuws import Gpuws, configured

pytestmark = pytest.mark.lab
VERSIONS = {"alpha": "tmux 3.3a", "bravo": "tmux 3.5a"}


@pytest.fixture
def alice(lab, tmp_path) -> Gpuws:
    hosts = ", ".join(f"{host}: {{}}" for host in VERSIONS)
    return configured(tmp_path / "a", f"hosts: {{{hosts}}}\nlocal: false\nssh_config: {lab.ssh_config}\n")


def told(alice, host):
    return {one["name"]: one for one in json.loads(alice.ok("tmux", "ls", host, "--json"))["sessions"]}


@pytest.mark.parametrize("host", VERSIONS)
def test_sessions_are_made_told_entered_renamed_and_ended(alice, host):
    assert alice.ok("exec", host, "--", "tmux", "-V").strip() == VERSIONS[host]
    name = f"t{uuid.uuid4().hex[:8]}"
    alice.ok("tmux", "new", f"{host}:{name}", "-c", "/tmp", "--", "sh", "-c", "pwd; printf '\\a'; exit 7")
    try:
        made = told(alice, host)[name]
        [pane] = made["window_list"][0]["panes"]
        assert (pane["ended"], pane["status"], made["windows"], made["clients"]) == (True, 7, 1, [])
        alice.ok(
            "exec", host, "--", "tmux", "-L", name, "-f", "/dev/null", "new-session", "-d", "-s", "main", "sleep 600"
        )
        other = told(alice, host)[f"{name}/main"]
        assert other["command"] == "sleep"
        assert other["socket"].endswith(f"/{name}")
        with alice.terminal("attach", f"{host}:{name}/main", columns=90, rows=30) as tty:
            tty.wait_for(r"\[main\]")
            [client] = told(alice, host)[f"{name}/main"]["clients"]
            assert (client["columns"], client["rows"], client["readonly"]) == (90, 30, False)
            alice.ok("tmux", "detach", f"{host}:{name}/main")
            assert tty.wait_exit() == 0
        assert alice.ok("tmux", "rename", f"{host}:{name}", f"{name}x") == f"{host}:{name}x\n"
        assert {f"{name}x", f"{name}/main"} <= told(alice, host).keys()
    finally:
        for left in {f"{name}x", name, f"{name}/main"} & told(alice, host).keys():
            alice.ok("tmux", "kill", "--yes", f"{host}:{left}")
    assert not [left for left in told(alice, host) if left.startswith(name)]
