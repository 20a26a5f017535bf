"""What listens on a port: told by its process, by its answer, or by neither."""

from pathlib import Path

import pytest

from gpuws.model.session.service import SERVICES, ListeningPort, named, process_name, program, worth_asking
from gpuws.model.session.sockets import Listener, Socket, SocketsSeen, listeners
from gpuws.model.workspace.workspace import PlaceRef

ANSWERS = Path(__file__).parent / "answers"
"""Of the real programs to the GET that gpuws sends, their long pages cut; those of RStudio, code-server and W&B Server
as their documentation and their users show them."""
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>My own thing</title>"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/opt/conda/bin/python3.11 /opt/conda/bin/tensorboard --logdir runs", "tensorboard"),
        ("python -m tensorboard.main --logdir runs --port 6007", "tensorboard"),
        ("/usr/lib/code-server/lib/node /usr/lib/code-server --bind-addr 0.0.0.0:8080", "code-server"),
        ("/usr/lib/code-server/lib/node /usr/lib/code-server/out/node/entry", "code-server"),
        ("/usr/bin/python3 /usr/local/bin/marimo edit --headless", "marimo"),
        ("/usr/bin/python3 /usr/local/bin/streamlit run app.py --server.port 8502", "streamlit"),
        ("python3 -m streamlit run app.py", "streamlit"),
        ("gradio app.py", "gradio"),
        ("/usr/lib/rstudio-server/bin/rserver --server-daemonize 0", "rstudio"),
        ("python /usr/bin/mlflow server --port 5000", "mlflow"),
        ("/usr/bin/python3 /usr/bin/gunicorn -b 127.0.0.1:5000 -w 4 mlflow.server:app", "mlflow"),
        ("python3 -m uvicorn --host 0.0.0.0 --workers 4 mlflow.server.fastapi_app:app", "mlflow"),
        ("/usr/bin/python3 -u /usr/lib/python3/site-packages/ray/dashboard/dashboard.py --port=8265", "ray"),
        ("/opt/conda/bin/python /opt/conda/bin/jupyter-lab --no-browser", "jupyter"),
        ("python -m jupyterlab", "jupyter"),
        ("python train.py --logger tensorboard", "tcp"),
        ("python /home/alice/mlflow/train.py", "tcp"),
        ("python -c tensorboard", "tcp"),
        ("", "tcp"),
    ],
)
def test_a_process_tells_what_it_serves(line, name):
    assert named(line.split(), None) == name


@pytest.mark.parametrize("path", sorted(ANSWERS.glob("*.http")), ids=lambda path: path.stem)
def test_an_answer_tells_what_it_is(path):
    assert named(("python", "app.py"), path.read_bytes()) == path.stem.partition("~")[0]


def test_every_service_has_an_answer():
    assert {path.stem.partition("~")[0] for path in ANSWERS.glob("*.http")} == {one.name for one in SERVICES}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (PAGE, "http"),
        (b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", "https"),
        (b"<html>The plain HTTP request was sent to HTTPS port</html>", "tcp"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port", "https"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "https"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "tcp"),
        (b"", "tcp"),
    ],
)
def test_what_is_none_of_them_is_told_by_what_it_speaks(answer, name):
    assert named((), answer) == name


def test_the_answer_decides_between_the_ports_of_one_process():
    argv = ("tensorboard", "--logdir", "runs")
    assert named(argv, PAGE) == "tensorboard"  # it says so itself, whatever its page looks like
    assert named(argv, b"\x00\x01") == "tcp"
    assert named(argv, None) == "tensorboard"


@pytest.mark.parametrize(
    ("port", "line", "alone", "asked"),
    [
        (7860, "python app.py", True, True),
        (6006, "tensorboard --logdir runs", True, False),
        (6006, "tensorboard --logdir runs", False, True),
        (8080, "", True, True),
        (22, "", True, False),
        (29500, "python train.py", True, False),
        (5432, "", True, False),
        (8000, "/usr/bin/python3 /usr/bin/torchrun --nproc-per-node 2 train.py", True, False),
        (9001, "python -m ipykernel_launcher -f kernel-1.json", True, False),
        (41234, "python train.py", True, False),
        (41234, "python -m http.server 41234", True, True),
        (41234, "", True, False),
    ],
)
def test_only_what_may_be_a_page_is_asked(port, line, alone, asked):
    assert worth_asking(port, line.split(), alone=alone) is asked


def test_a_process_is_named_without_its_arguments():
    assert process_name(("/usr/bin/python3", "serve.py", "--token=s3cret")) == "serve.py"
    assert process_name(("/usr/bin/python3", "-c", "secret()")) == "python3"
    assert process_name(()) is None
    assert process_name(("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",)) == "sshd"
    assert named(("gunicorn: master [mlflow.server:app]",), None) == "mlflow"
    assert not worth_asking(2222, ("sshd: /usr/sbin/sshd -D [listener]",), alone=True)
    assert program(("env", "python3", "-u", "-m", "http.server")) == "http.server"


def test_on_an_address_of_its_own_a_host_is_told_it():
    host, inside = PlaceRef("alpha"), PlaceRef("alpha", "1" * 64)
    assert [ListeningPort(host, 1, address=one).to for one in ("", "127.0.0.1", "::1", "10.0.0.5")] == [
        "", "", "", "10.0.0.5",
    ]  # fmt: skip
    assert ListeningPort(inside, 1, address="172.17.0.2").to == ""
    assert ListeningPort(inside, 1, address="127.0.0.1").loopback
    assert not ListeningPort(inside, 1).loopback


# which process has which socket


def test_a_socket_belongs_to_the_process_that_has_it_open():
    seen = SocketsSeen((Socket(6006, 1), Socket(6007, 2)), holders={1: 40, 2: 40}, processes={40: ("tensorboard",)})
    assert listeners(seen, inside=True) == (
        Listener(6006, 40, ("tensorboard",), alone=False),
        Listener(6007, 40, ("tensorboard",), alone=False),
    )


def test_where_that_is_not_shown_to_what_was_told_the_port_the_youngest_of_them():
    argv = ("tensorboard", "--port", "6008")
    seen = SocketsSeen((Socket(6008, 1),), processes={1: ("tini", "--", *argv), 7: argv, 9: ("sleep", "1")})
    (one,) = listeners(seen, inside=True)
    assert (one.pid, one.argv) == (7, argv)


def test_or_to_the_service_that_has_the_port_by_custom():
    seen = SocketsSeen((Socket(8501, 1), Socket(8502, 2)), processes={7: ("python", "/bin/streamlit", "run", "x.py")})
    assert [one.pid for one in listeners(seen, inside=True)] == [7, None]


def test_in_the_network_of_the_host_only_what_a_workspace_is_known_to_have():
    sockets = (Socket(22, 1), Socket(6006, 2))
    seen = SocketsSeen(sockets, frozenset({1, 2}), {2: 40}, {40: ("tensorboard",)})
    assert [one.port for one in listeners(seen, inside=True)] == [6006]
    assert [one.port for one in listeners(seen, inside=False)] == [22, 6006]


def test_of_several_addresses_the_one_that_a_tunnel_reaches():
    sockets = (Socket(80, 1, "10.0.0.5"), Socket(80, 2, "127.0.0.1"), Socket(81, 3, "10.0.0.5"), Socket(82, 4, "::"))
    found = listeners(SocketsSeen((*sockets, Socket(82, 5, "10.0.0.5"))), inside=False)
    assert [(one.port, one.address) for one in found] == [(80, "127.0.0.1"), (81, "10.0.0.5"), (82, "")]
