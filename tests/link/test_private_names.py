"""The private names of paramiko that the cures touch. A new paramiko that lacks one fails here, with its name."""

from __future__ import annotations

import ast
import inspect
import socket
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest

from gpuws.link.paramiko import typed
from gpuws.link.paramiko.auth import TIMED_OUT
from gpuws.link.paramiko.transport import SshTransport

CLASSES = {
    "TypedChannel": paramiko.Channel,
    "TypedTransport": paramiko.Transport,
    "TypedPacketizer": paramiko.packet.Packetizer,
    "TypedBuffer": paramiko.buffered_pipe.BufferedPipe,
    "TypedAuthHandler": paramiko.auth_handler.AuthHandler,
    "TypedAgent": paramiko.agent.AgentSSH,
}


def declared() -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(ast.parse(Path(typed.__file__).read_text())):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    found.append((node.name, item.name))
                elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    found.append((node.name, item.target.id))
    return found


@pytest.mark.parametrize(("name", "attribute"), declared())
def test_paramiko_still_has_it(name: str, attribute: str):
    source = inspect.getsource(CLASSES[name])
    assert attribute.removeprefix("_Packetizer") in source


def test_paramiko_is_loaded_only_where_ssh_is_spoken():
    modules = (
        "gpuws.link.connect.connector",
        "gpuws.link.forward.listener",
        "gpuws.link.local.local",
        "gpuws.link.streams",
        "gpuws.link.resolve.resolve",
        "gpuws.link.resolve.known_hosts",
        "gpuws.link.resolve.host_key",
        "gpuws.link.paramiko.keys",
    )
    program = f"import sys, {', '.join(modules)}; "
    program += "assert not {'paramiko', 'cryptography'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_the_transport_replaces_is_there_to_be_replaced():
    near, far = socket.socketpair()
    with near, far:
        made = paramiko.Transport(near)
        assert f'AuthenticationException("{TIMED_OUT}")' in inspect.getsource(paramiko.auth_handler)
        for attribute in ("channels_seen", "saved_exception", "clear_to_send", "lock", "completion_event"):
            assert hasattr(made, attribute)
    for method in ("_parse_channel_open_success", "_send_user_message", "_parse_newkeys", "run"):
        assert getattr(SshTransport, method) is not getattr(paramiko.Transport, method)
