"""One command on many real hosts at once."""

import json
import signal
import time

import pytest

pytestmark = pytest.mark.lab
BOTH = ("exec", "-H", "alpha", "-H", "bravo")
SLOW = 'echo begun; [ "$(hostname)" = alpha ] || exec sleep 8731'


def left(gpuws, host):
    return gpuws.run("exec", host, "--", "pgrep", "-f", "^sleep 8731").stdout.split()


def hostnames(gpuws):
    told = json.loads(gpuws.ok(*BOTH, "--json", "--", "hostname"))
    return {one["host"]: one["stdout"].strip() for one in told["answers"]}


def gone(gpuws, host):
    until = time.monotonic() + 10
    while left(gpuws, host):
        assert time.monotonic() < until, "it still runs there"


def test_equal_answers_stand_together(scene, gpuws):
    assert gpuws.ok(*BOTH, "-e", "A=1", "-w", "/", "--", "sh", "-c", "pwd; echo $A") == "alpha, bravo\n  /\n  1\n"
    failed = gpuws.run(*BOTH, "--json", "--", "sh", "-c", 'echo out; echo err >&2; [ "$(hostname)" = alpha ]')
    answers = {one["host"]: one for one in json.loads(failed.stdout)["answers"]}
    assert {one["stdout"] + one["stderr"] for one in answers.values()} == {"out\nerr\n"}
    assert failed.returncode == max(one["status"] for one in answers.values())


@pytest.mark.soak
def test_what_takes_too_long_is_ended_and_the_others_are_told(scene, gpuws):
    names = hostnames(gpuws)
    slow = SLOW.replace("= alpha", f"= {names['alpha']}")
    done = gpuws.run(*BOTH, "--limit", "2", "--", "sh", "-c", slow)
    assert (done.returncode, done.stdout) == (255, "alpha\n  begun\nbravo: no status\n  begun\n")
    assert done.stderr == "gpuws: ended after 2 s\n"
    gone(gpuws, "bravo")


@pytest.mark.soak
def test_ctrl_c_ends_all_and_shows_what_is_there(scene, gpuws):
    names = hostnames(gpuws)
    running = gpuws.popen(*BOTH, "--", "sh", "-c", SLOW.replace("= alpha", f"= {names['alpha']}"))
    until = time.monotonic() + 20
    while not left(gpuws, "bravo"):
        assert time.monotonic() < until
    running.send_signal(signal.SIGINT)
    out, said = running.communicate(timeout=10)
    assert (running.returncode, out) == (130, "alpha\n  begun\nbravo: no status\n")
    assert said == "gpuws: ended before it answered\n"
    gone(gpuws, "bravo")
