"""Listening sockets and their processes, read by a program that runs on the host."""

import os
import socket

from gpuws.model.session.sockets import Socket
from gpuws.probe.ports import listening, parse
from tests.probe.local_place import LocalPlace

ROW = "00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0000000000000000 100 0 0 10 0"
TOLD = f"""\
here   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
here    0: 00000000:1776 {ROW.format(inode=11)}
here    1: 0100007F:22B8 {ROW.format(inode=12)}
here    2: 0100007F:22B9 0100007F:0050 01 00000000:00000000 00:00000000 00000000 1000 0 13 1 0 20 4 30 10 -1
here    0: 00000000000000000000000001000000:22BA {ROW.format(inode=14)}
here    1: 0000000000000000FFFF00000100007F:22BB {ROW.format(inode=15)}
here    2: nonsense:22BB {ROW.format(inode=16)}
here   short
host    0: 0100007F:22B8 {ROW.format(inode=12)}
holds /proc/41/fd: socket:[11]
holds /proc/self/fd: pipe:[3]
runs /proc/41 /usr/bin/python3\t/usr/bin/tensorboard\t--logdir\truns\t
runs /proc/42 {""}
"""


def test_rows_of_the_kernel_and_what_was_found_beside_them():
    seen = parse(TOLD)
    assert seen.sockets == (
        Socket(6006, 11, "0.0.0.0"), Socket(8888, 12, "127.0.0.1"), Socket(8890, 14, "::1"),
        Socket(8891, 15, "127.0.0.1"),
    )  # fmt: skip
    assert seen.of_host == {12}
    assert seen.holders == {11: 41}
    assert seen.processes == {41: ("/usr/bin/python3", "/usr/bin/tensorboard", "--logdir", "runs")}


def test_on_this_machine_a_socket_of_this_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        seen = listening(LocalPlace())
    (mine,) = [one for one in seen.sockets if one.port == port]
    assert mine.address == "127.0.0.1"
    assert seen.holders[mine.inode] == os.getpid()
    assert os.getpid() in seen.processes


def test_a_workspace_of_which_nothing_is_seen():
    assert listening(LocalPlace(), "f" * 64) is None
