"""Programs inside a container, over the API of a real engine."""

from __future__ import annotations

import os
import socket
import threading
import time

import pytest

from gpuws.engines.docker.api.errors import Conflict, Gone
from gpuws.engines.docker.exec import mark
from gpuws.model.errors import GpuwsError
from gpuws.model.profile.profile import Profile
from gpuws.model.session.terminal import Size
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.inside import processes, read_until, until

pytestmark = pytest.mark.lab


@pytest.fixture
def place(bench, box):
    return bench.engine.place(box)


def test_run_parts_the_streams_and_tells_the_status(place):
    done = place.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=b"in\x00put")
    assert (done.status, done.stdout, done.stderr) == (3, b"in\x00put", b"err\n")


def test_run_without_input_has_an_empty_stdin(place):
    assert place.run(["cat"]).stdout == b""


def test_arguments_arrive_as_they_are(place):
    words = ["", "a b", "$HOME", "'", '"', "\\", "*", "-n", "é", "\n"]
    shown = place.run(["bash", "-c", 'printf "%s\\0" "$@"', "x", *words]).stdout
    assert shown.decode().split("\0")[:-1] == words


def test_much_goes_both_ways(place):
    data = os.urandom(3 << 20)
    assert place.run(["cat"], input=data).stdout == data


def test_who_and_where(bench, box):
    place = bench.engine.place(box, user="7:8", cwd="/tmp", env=("COLOUR=red green",))
    done = place.run(["bash", "-c", "id -u; id -g; pwd; echo $COLOUR"])
    assert done.stdout.decode().split("\n") == ["7", "8", "/tmp", "red green", ""]


def test_a_program_that_is_not_there(place):
    done = place.run(["no-such-program"])
    assert done.status == 127
    assert b"no-such-program: not found" in done.stderr
    assert mark.hostname().encode() not in done.stderr


def test_a_signal_is_told_as_128_and_its_number(place):
    assert place.run(["sh", "-c", "kill -TERM $$"]).status == 143


def test_run_ends_in_time_and_leaves_nothing(bench, box, place):
    with pytest.raises(GpuwsError, match=r"`sleep 4711` did not end within 0.5 s in a container of here"):
        place.run(["sleep", "4711"], timeout=0.5)
    until(lambda: not any("4711" in line for line in processes(bench, box)), "it lives on")


def test_a_gone_container(bench, box):
    with pytest.raises(Gone, match="that container is gone from here"):
        bench.engine.place("f" * 64).run(["id"])


def test_a_stopped_container(clean):
    identity = clean.launch(Profile("short", image=IMAGE, command=("cat",)))
    clean.daemon.cli("wait", identity)
    with pytest.raises(Conflict, match="that container on here is not running"):
        clean.engine.place(identity).run(["id"])


def test_a_process_talks(place):
    process = place.popen(["bash", "-c", "read x; echo got $x; echo bad >&2; cat; exit 9"])
    process.write(b"hello\n")
    assert process.read() == b"got hello\n"
    assert process.read_stderr() == b"bad\n"
    process.write(b"more")
    process.close_stdin()
    assert process.read() == b"more"
    assert process.read() == b""
    assert process.wait(10) == 9
    process.close()


def test_waiting_for_a_process_has_an_end(place):
    process = place.popen(["sleep", "infinity"])
    with pytest.raises(TimeoutError):
        process.wait(0.2)
    process.close()


def test_unread_output_stalls_the_program_not_us(place):
    process = place.popen(["bash", "-c", "head -c 20000000 /dev/zero; echo done >&2"])
    got = 0
    while data := process.read(1 << 20):
        got += len(data)
    assert got == 20_000_000
    assert process.read_stderr() == b"done\n"
    process.close()


def test_closing_a_process_ends_it_and_frees_its_reader(bench, box, place):
    process = place.popen(["sleep", "4712"])
    until(lambda: any("4712" in line for line in processes(bench, box)), "never started")
    freed = threading.Event()
    threading.Thread(target=lambda: (process.read(), freed.set()), daemon=True).start()
    process.close()
    assert freed.wait(2)
    until(lambda: not any("4712" in line for line in processes(bench, box)), "it lives on")


def test_closing_lets_a_program_clean_up(bench, box, place):
    script = "trap 'echo bye >/tmp/bye; exit' HUP; echo up; while :; do read -t 1 x <> /dev/zero; done"
    process = place.popen(["bash", "-c", script])
    assert process.read() == b"up\n"
    process.close()
    until(lambda: place.run(["cat", "/tmp/bye"]).stdout == b"bye\n", "it was not told")


def test_closing_ends_what_ignores_the_hangup(bench, box, place):
    process = place.popen(["bash", "-c", "trap '' HUP; echo up; while :; do read -t 1 x <> /dev/zero; done", "4713"])
    assert process.read() == b"up\n"
    process.close()
    until(lambda: not any("4713" in line for line in processes(bench, box)), "it lives on")


def test_closing_at_once_ends_what_was_about_to_start(bench, box, place):
    for _ in range(3):
        place.popen(["sleep", "4714"]).close()
    time.sleep(1.0)  # long enough for all three to have started
    until(lambda: not any("4714" in line for line in processes(bench, box)), "it lives on")


def test_a_terminal(place):
    terminal = place.interactive([], Size(101, 37))
    terminal.sendall(b"stty size; [ -t 0 ] && echo yes-$((1 + 1))\n")
    assert b"37 101\r\n" in read_until(terminal, b"yes-2\r\n")
    terminal.resize(Size(60, 20))
    terminal.sendall(b"stty size; echo $BASH_VERSION; exit 5\n")
    rest = read_until(terminal, b"20 60\r\n")
    while data := terminal.recv():
        rest += data
    assert b"5." in rest
    assert terminal.exit_status() == 5
    terminal.close()


def test_a_terminal_gets_the_term_and_an_encoding(place):
    terminal = place.interactive(["env"], Size(), term="screen")
    shown = read_until(terminal, b"TERM=screen\r\n")
    while data := terminal.recv():
        shown += data
    assert b"LANG=C.UTF-8" in shown
    terminal.close()


@pytest.mark.parametrize("key", [b"\x10", b"\x11", b"\x1d"])
def test_a_control_key_reaches_the_program_at_once(place, key):
    """The engine's default for detaching, ctrl-p ctrl-q, holds ctrl-p back until another key comes."""
    script = "stty raw -echo; echo ready; IFS= read -rN1 key; printf 'got %q' \"$key\""
    terminal = place.interactive(["bash", "-c", script], Size())
    read_until(terminal, b"ready")
    terminal.sendall(key)
    read_until(terminal, f"got $'\\{key[0]:03o}'".encode())
    terminal.close()


def test_detaching_by_keys_does_not_happen(place):
    terminal = place.interactive(["cat", "-v"], Size())
    terminal.sendall(b"\x16\x10\x16\x11\x00x\n")  # ctrl-v quotes ctrl-p and ctrl-q for the terminal
    read_until(terminal, b"\r\n^P^Q^@x\r\n")
    terminal.close()


def test_closing_a_terminal_hangs_up_but_leaves_what_the_user_started(bench, box, place):
    terminal = place.interactive(["tmux", "new-session", "-A", "-s", "stays", "sleep 4715"], Size())
    read_until(terminal, b"stays")
    until(lambda: any("4715" in line for line in processes(bench, box)), "never started")
    terminal.close()

    def clients():
        return place.run(["tmux", "list-clients"]).stdout

    until(lambda: clients() == b"", "the client lives on")
    assert b"stays" in place.run(["tmux", "ls"]).stdout
    assert any("4715" in line for line in processes(bench, box))
    place.run(["tmux", "kill-server"])


def test_the_container_dies_under_a_terminal(clean):
    identity = clean.launch(Profile("dying", image=IMAGE, command=("sleep", "infinity")))
    terminal = clean.engine.place(identity).interactive([], Size())
    terminal.recv()
    clean.engine.act(identity, "kill")
    while terminal.recv():
        pass
    assert terminal.exit_status() in (None, 137)
    terminal.close()


def test_dialling_inside_reaches_the_containers_own_ports(bench, box):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]
        stream = bench.engine.place(box).dial_tcp(bench.daemon.address, port)
        peer, _ = listener.accept()
        peer.sendall(b"hi")
        assert stream.recv() == b"hi"
        stream.close()
        peer.close()


def test_processes_of_the_host_in_view(clean):
    identity = clean.daemon.cli("run", "-d", "--pid", "host", IMAGE, "sleep", "infinity")
    seconds = f"4716.{time.time_ns()}"  # the whole machine is in view: no id may look like it
    process = clean.engine.place(identity).popen(["sleep", seconds])
    until(lambda: any(seconds in line for line in processes(clean, identity)), "never started")
    process.close()
    until(lambda: not any(seconds in line for line in processes(clean, identity)), "it lives on")
