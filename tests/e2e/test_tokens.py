"""A notebook's token is nowhere but in its server's own record: it is looked for as another user of the host would, and
in all that gpuws prints and writes."""

import time
import urllib.parse

import pytest

from tests.e2e.gpuws import configured
from tests.e2e.test_tunnels import SERVED, answers
from tests.lab import docker_api, machines

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene"), pytest.mark.timeout(240)]
NAME = "tokens"
PLAIN = "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 1g\ncommand: [sleep, infinity]\n"


@pytest.fixture
def ada(lab, tmp_path):
    hosts = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    user = configured(tmp_path / "ada", hosts, [("served", SERVED), ("plain", PLAIN)])
    yield user
    user.run("rm", "-f", "--yes", f"alpha/{NAME}")


def token_of(url):
    (token,) = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["token"]
    assert len(token) == 48
    return token


def seen_by_others(host):
    """What any user of the host, or of its Docker, reads of it."""
    yield "inspect", repr(docker_api.call(host, "GET", f"/containers/{NAME}/json"))
    logs = machines.run(host, ["sh", "-c", f"docker logs {NAME} 2>&1"]).stdout.decode(errors="replace")
    yield "docker logs", logs
    yield "command lines", "\n".join(one.args for one in machines.processes(host))


def seen_here(user):
    """What gpuws prints without being asked for the token, and what it leaves behind."""
    for words in (
        ("logs", f"alpha/{NAME}"),
        ("ps", "-a", "--json"),
        ("inspect", f"alpha/{NAME}"),
        ("tunnels",),
        ("tasks",),
        ("profiles", "capture", f"alpha/{NAME}"),
        ("jupyter", f"alpha/{NAME}", "--log"),
    ):
        done = user.run(*words)
        yield " ".join(words), done.stdout + done.stderr
    for path in user.home.rglob("*"):
        if path.is_file():
            yield str(path), path.read_text(errors="replace")


def test_the_token_of_a_launched_server_is_in_no_list_no_log_and_no_file(ada):
    ada.ok("launch", "served", "-H", "alpha", "--name", NAME, timeout=90)
    url = ada.json("jupyter", f"alpha/{NAME}", "--keep", timeout=90)["url"]
    token = token_of(url)
    assert answers(url)
    assert [where for where, text in (*seen_by_others("alpha"), *seen_here(ada)) if token in text] == []
    environments = "for f in /proc/[0-9]*/environ; do tr '\\0' '\\n' <$f; done 2>/dev/null"
    assert token not in ada.ok("exec", f"alpha/{NAME}", "sh", "-c", environments)


@pytest.mark.soak
def test_one_that_is_started_by_word_has_its_own_and_is_ended_and_started_again(ada):
    ada.ok("launch", "plain", "-H", "alpha", "--name", NAME, timeout=90)
    url = ada.json("jupyter", f"alpha/{NAME}", "--start", "--keep", timeout=120)["url"]
    assert answers(url)
    token = token_of(url)
    assert "Jupyter Server" in ada.ok("jupyter", f"alpha/{NAME}", "--log")
    assert [where for where, text in (*seen_by_others("alpha"), *seen_here(ada)) if token in text] == []
    ada.ok("jupyter", f"alpha/{NAME}", "--stop", "--yes")
    assert ada.run("jupyter", f"alpha/{NAME}", "--stop", "--yes").returncode == 4
    again = ada.json("jupyter", f"alpha/{NAME}", "--start", "--keep", timeout=120)["url"]
    assert token_of(again) != token
    assert answers(again)


@pytest.mark.soak
def test_of_several_a_port_chooses_wherever_their_records_are(ada):
    ada.ok("launch", "plain", "-H", "alpha", "--name", NAME, timeout=90)
    serve = "export HOME=/tmp/{0}; mkdir -p $HOME; exec jupyter lab --no-browser --port {0} --ip {1} {2}"
    for port, ip, more in ((8888, "0.0.0.0", ""), (8890, "127.0.0.1", "--ServerApp.base_url=/x/")):
        words = f"export JUPYTER_RUNTIME_DIR=/tmp/elsewhere{port}; {serve.format(port, ip, more)}"
        ada.ok("tmux", "new", f"alpha/{NAME}:s{port}", "--", "sh", "-c", words)
    deadline = time.monotonic() + 60
    while "port 8888, port 8890" not in (said := ada.run("jupyter", f"alpha/{NAME}", "--keep").stderr):
        assert time.monotonic() < deadline, said
        time.sleep(0.5)
    url = ada.json("jupyter", f"alpha/{NAME}:8890", "--keep")["url"]
    assert "/x/lab?token=" in url
    assert answers(url)
    assert ada.run("jupyter", f"alpha/{NAME}:8891", "--keep").returncode == 4


def test_in_what_is_not_mine_nothing_is_executed_and_its_name_is_asked_for(ada):
    made = ["docker", "run", "-d", "--name", NAME, "--label", "gpuws.owner=bob", "gpuws-lab/workspace:latest"]
    machines.run("alpha", [*made, "jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--allow-root"])
    try:
        deadline = time.monotonic() + 60
        while "token=" not in (said := dict(seen_by_others("alpha"))["docker logs"]):  # by hand: it prints its token
            assert time.monotonic() < deadline, said
            time.sleep(0.5)
        token = said.partition("token=")[2][:48]
        refused = ada.run("jupyter", f"alpha/{NAME}", "--keep")
        assert refused.returncode == 5
        url = ada.json("jupyter", f"alpha/{NAME}", "--keep", "--yes-not-mine", NAME)["url"]
        assert token_of(url) == token
        assert answers(url)
        assert [where for where, text in seen_here(ada) if token in text] == []
        assert "token=***" in ada.ok("logs", f"alpha/{NAME}") + ada.run("logs", f"alpha/{NAME}").stderr
        events = ["docker", "events", "--since", "10m", "--until", "0s", "--filter", f"container={NAME}"]
        assert b"exec_create" not in machines.run("alpha", events).stdout
    finally:
        machines.run("alpha", ["docker", "rm", "-f", NAME])
