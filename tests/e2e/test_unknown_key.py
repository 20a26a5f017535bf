"""A host whose key nobody knows, and nobody there to ask: cron, a script."""

import subprocess

import pytest

from tests.e2e.gpuws import COMMAND, configured
from tests.link import sshd

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def server(tmp_path):
    if reason := sshd.missing():
        pytest.skip(reason)
    (tmp_path / "keys").mkdir()
    with sshd.serve(tmp_path / "server", sshd.Keys(tmp_path / "keys")) as server:
        server.known_hosts.write_text("")
        yield server


def test_it_ends_with_what_to_do_and_goes_on_by_itself_once_the_key_is_known(server, tmp_path):
    ada = configured(tmp_path / "ada", f"ssh_config: {server.config}\nhosts:\n  box:\n")

    def run():
        words = [COMMAND, "exec", "box", "--", "echo", "there"]
        return subprocess.run(
            words, env=ada.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            start_new_session=True,  # no terminal
            timeout=60, check=False,
        )  # fmt: skip

    try:
        for _ in range(2):
            done = run()
            assert (done.returncode, done.stdout) == (255, "")
            assert done.stderr.endswith(f"then connect again and accept it, or add it to {server.known_hosts}\n")
            assert "nobody confirmed it" in done.stderr
            assert "Traceback" not in done.stderr
        server.write_known_hosts()
        done = run()
        assert (done.returncode, done.stdout) == (0, "there\n"), done.stderr
    finally:
        ada.stop_keeper()
