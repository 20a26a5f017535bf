"""Real TensorBoard, marimo, Gradio and Streamlit from PyPI are told apart, by their processes and by their answers."""

from __future__ import annotations

import contextlib
import http.client
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
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("services")
    ran(UV, "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
    ran(UV, "pip", "install", "--quiet", "--python", str(folder / "venv/bin/python"), *PACKAGES)
    (folder / "serve.py").write_text(GRADIO)
    (folder / "page.py").write_text("import streamlit\nstreamlit.title('hello')\n")
    return folder


@contextlib.contextmanager
def served(folder, name, port):
    program, *arguments = (word.format(port=port) for word in STARTS[name])
    home = {"HOME": str(folder), "PATH": os.environ["PATH"], **QUIET}
    with (
        (folder / f"{name}.log").open("wb") as log,
        subprocess.Popen(
            [str(folder / "venv" / program), *arguments], cwd=folder, env=home, stdout=log, stderr=log
        ) as running,
    ):
        try:
            deadline = time.monotonic() + SOON
            while not answers(port):
                assert running.poll() is None, (folder / f"{name}.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield
        finally:
            running.kill()


def answers(port):
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON)
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    return False


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("name", STARTS)
def test_it_is_told_by_its_process_and_by_its_answer(installed, name, tmp_path):
    port = free_port()
    with served(installed, name, port):
        listed = json.loads(ran("gpuws", "ports", "local", "--json", "--config-dir", str(tmp_path), GPUWS_KEEPER="0"))
        assert {one["port"]: one["service"] for one in listed["ports"]}[port] == name
        answer = ask(SocketStream(socket.create_connection(("127.0.0.1", port)), name), port)
        assert named((), answer) == name
