"""A terminal and its program asked for in one breath, where the server gave a terminal before."""

from __future__ import annotations

import pytest

from gpuws.link.paramiko.channel import SshChannel
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Size
from tests.link import sshd


def test_a_server_that_gives_no_terminal_runs_nothing(keys, tmp_path, open_link):
    mark = tmp_path / "ran"
    with sshd.serve(tmp_path / "sshd", keys, "PermitTTY no") as server:
        server.write_known_hosts()
        server.write_config()
        link = open_link(server)
        for _ in range(2):
            with pytest.raises(GpuwsError, match="the server refused a terminal"):
                link.interactive(["touch", str(mark)], Size())
        assert link.run(["true"]).ok
    assert not mark.exists()


def test_a_second_terminal_costs_a_round_trip_less(server, open_link, monkeypatch):
    waits = []
    bare = SshChannel._wait_for_event
    monkeypatch.setattr(SshChannel, "_wait_for_event", lambda self: (waits.append(self), bare(self)))
    link = open_link(server)
    for each_costs in (2, 1, 1):
        terminal = link.interactive(["stty", "size"], Size(77, 22))
        assert len(waits) == each_costs
        assert terminal.recv() == b"22 77\r\n"
        assert terminal.exit_status() == 0
        terminal.close()
        waits.clear()
