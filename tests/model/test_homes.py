"""What the host tells of a workspace that runs on it is that workspace's."""

from dataclasses import replace

from gpuws.model.gpu.reading import ProcessReading
from gpuws.model.session.homes import at_home
from gpuws.model.session.panes import session_of
from gpuws.model.session.session import Session
from tests.factories import container

SOCKET = "/tmp/gpuws-p-0a1b/tmux-1000/default"
MINE = container("train", id="p-0a1b", on_host=True)


def test_its_session_goes_by_its_name_inside():
    own, other = Session(f"{SOCKET}/main", server=SOCKET, socket=SOCKET), Session("main")
    assert at_home([own, other], [MINE]) == (Session("main", container="train"), other)
    assert at_home([own], [container(id="p-0a1b")]) == (own,)  # one that keeps its programs to itself
    elsewhere = replace(own, socket="/tmp/gpuws-p-ffff/tmux-1000/default")
    assert at_home([elsewhere], [MINE]) == (elsewhere,)


def test_a_process_in_it_is_known_by_that_session():
    process = ProcessReading(pid=7, gpu_uuid="GPU-0", session=f"{SOCKET}/main")
    assert session_of(process, MINE, {}) == "main"
    assert session_of(process, container(), {}) == f"{SOCKET}/main"
