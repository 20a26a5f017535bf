"""sshd's MaxSessions: what it opens no more of on one connection goes over another."""

from pathlib import Path

import pytest

from gpuws.link.connect.connector import Connector
from gpuws.link.paramiko import ssh
from gpuws.link.paramiko.second_link import SecondLink
from gpuws.model.errors import AuthFailed, GpuwsError, NoRoom
from tests.keeper.serving import until
from tests.link import sshd
from tests.link.conftest import Open, Person
from tests.link.odd_server import Rules, odd_server
from tests.link.sshd import Keys
from tests.link.test_auth import odd_host


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ssh, "SESSION_PATIENCE", 0.2)


def test_sessions_beyond_the_limit_go_over_further_connections_and_end_with_the_link(
    keys: Keys, tmp_path: Path, open_link: Open
):
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 2") as server:
        link = open_link(server)
        programs = [link.popen(["cat"]) for _ in range(5)]
        for number, program in enumerate(programs):
            program.write(b"%d\n" % number)
            assert program.read() == b"%d\n" % number
        assert (link.sessions, link.facts().spilled) == (5, 3)
        further = link._second._link
        link.close()
        assert not further.alive
        assert not further._second._link.alive


def test_a_further_connection_ends_when_nothing_is_open_over_it(keys: Keys, tmp_path: Path, open_link: Open):
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 2") as server:
        link = open_link(server)
        programs = [link.popen(["cat"]) for _ in range(3)]
        further = link._second._link
        programs[0].close()
        assert link.run(["true"]).ok
        assert further.alive  # the third is at work there
        programs[2].close()
        until(lambda: link.run(["true"]).ok and not further.alive, "its end")  # sshd may see them end a moment later
        assert link.facts().spilled == 0


def test_a_lost_further_connection_is_made_anew(keys: Keys, tmp_path: Path, open_link: Open):
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 1") as server:
        link = open_link(server)
        first, second = link.popen(["cat"]), link.popen(["cat"])
        link._second._link.lose("it is far")
        assert link.popen(["cat"]) is not None
        assert (link.alive, link.sessions) == (True, 2)
        first.close()
        second.close()


def test_a_server_that_opens_no_session_at_all_is_not_logged_in_to_again(
    keys: Keys, tmp_path: Path, open_link: Open, connector: Connector
):
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 0") as server:
        link = open_link(server)
        with pytest.raises(GpuwsError, match="opens no more sessions") as error:
            link.popen(["cat"])
        assert "MaxSessions" in error.value.remedy
        assert link.dial_tcp("127.0.0.1", server.port).recv().startswith(b"SSH-")  # forwards are not counted
        assert len(connector._transports) == 1


def test_where_a_person_logged_in_nobody_is_asked_for_another_connection(
    keys: Keys, tmp_path: Path, connector: Connector
):
    with odd_server(Rules(["password"]), str(keys.host)) as port:
        link = connector.connect(odd_host(port, tmp_path, keys), Person("sesame"))
    assert link._second is None
    assert (link.facts().needed_human, link.facts().login) == (True, None)


@pytest.mark.parametrize("backend", ["paramiko", "openssh"], indirect=True)
def test_where_none_can_be_had_a_program_that_can_be_spared_gives_way(
    keys: Keys, tmp_path: Path, open_link: Open, monkeypatch: pytest.MonkeyPatch
):
    with sshd.serve(tmp_path / "sshd", keys, "MaxSessions 1") as server:
        link = open_link(server)
        monkeypatch.setattr(link, "_second", None)
        spared = [link.popen(["cat"])]

        def give_way() -> bool:
            if not spared:
                return False
            spared.pop().close()
            return True

        link.on_crowded(give_way)
        kept = link.popen(["cat"])
        kept.write(b"there\n")
        assert kept.read() == b"there\n"
        with pytest.raises(NoRoom):
            link.popen(["cat"])


def test_a_refused_login_is_not_tried_again():
    tries = []

    def refuse():
        tries.append(1)
        raise AuthFailed("no")

    second = SecondLink(refuse)
    for _ in range(2):
        with second.lent(make=True) as link:
            assert link is None
    assert len(tries) == 1
