"""Real TensorBoard, marimo, Gradio and Streamlit from PyPI are told apart, by their processes and by their answers."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from gpuws.fleet.local.shared.listening import ask
from gpuws.link.streams import SocketStream
from gpuws.model.session.service import named
from tests.e2e.gpuws import COMMAND
from tests.soak.test_install import UV, ran

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]
PACKAGES = ("tensorboard", "setuptools<81", "marimo", "gradio", "streamlit")
SOON = 60.0
GRADIO = "import gradio, sys; gradio.Interface(str, 'text', 'text').launch(server_port=int(sys.argv[1]))"
STARTS = {
    "tensorboard": ("bin/tensorboard", "--logdir", ".", "--port", "{port}"),
    "marimo": ("bin/marimo", "edit", "--headless", "--no-token", "--skip-update-check", "--port", "{port}"),
    "gradio": ("bin/python", "serve.py", "{port}"),
    "streamlit": (
        *("bin/streamlit", "run", "page.py", "--server.headless", "true", "--server.port", "{port}"),
        *("--browser.gatherUsageStats", "false"),
    ),
}
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "MPLCONFIGDIR": "."}


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """Where each serves; they start at the same time."""
    folder = tmp_path_factory.mktemp("services")
    ran(UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    ran(UV, "pip", "install", "--quiet", "--python", str(folder / "venv/bin/python"), *PACKAGES)
    (folder / "serve.py").write_text(GRADIO)
    (folder / "page.py").write_text("import streamlit\nstreamlit.title('hello')\n")
    with contextlib.ExitStack() as running:
        yield {name: running.enter_context(served(folder, name)) for name in STARTS}


@contextlib.contextmanager
def served(folder, name):
    port = free_port()
    program, *arguments = (word.format(port=port) for word in STARTS[name])
    home = {"HOME": str(folder), "PATH": os.environ["PATH"], **QUIET}
    argv = [str(folder / "venv" / program), *arguments]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, env=home, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def answered(name, port):
    """What it says to one GET, once it is up."""
    deadline = time.monotonic() + SOON
    while True:
        with contextlib.suppress(OSError):
            answer = ask(SocketStream(socket.create_connection(("127.0.0.1", port)), name), port)
            if answer.startswith(b"HTTP/1.1 200"):
                return answer
        assert time.monotonic() < deadline, f"{name} does not come up"
        time.sleep(0.1)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("name", STARTS)
def test_it_is_told_by_its_answer_alone(ports, name):
    assert named((), answered(name, ports[name])) == name


def test_the_host_lists_them_all(ports, tmp_path):
    for name, port in ports.items():
        answered(name, port)
    listed = json.loads(ran(COMMAND, "ports", "local", "--json", "--config-dir", str(tmp_path), GPUWS_KEEPER="0"))
    found = {one["port"]: one["service"] for one in listed["ports"]}
    assert {name: found.get(port) for name, port in ports.items()} == {name: name for name in ports}
