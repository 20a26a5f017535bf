"""The page that `gpuws jupyter` opens is one to work in: cells run, files go up and come down as they are."""

import hashlib
import os
from functools import cache

import pytest

from tests.browser.notebook_page import tab
from tests.e2e.gpuws import configured, users
from tests.e2e.test_tunnels import SERVED

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
NAME = "worked-in"
SMALL, LARGE = 300_000, 200_000_000


@pytest.fixture(scope="module")
def url(lab, tmp_path_factory):
    """Where the server of a host is reached, which is launched by whoever asks first."""
    hosts = f"hosts: {{alpha: {{}}, bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    ada = configured(tmp_path_factory.mktemp("ada"), hosts, [("served", SERVED)])
    launched = []

    @cache
    def opened(host):
        launched.append(f"{host}/{NAME}")
        ada.ok("launch", "served", "-H", host, "--name", NAME, timeout=120)
        return ada.json("jupyter", f"{host}/{NAME}", "--keep", timeout=120)["url"]

    try:
        yield opened
    finally:
        ada.run("rm", "-f", "--yes", *launched)
        users.remove(ada)
        ada.stop_keeper()


@pytest.mark.parametrize(
    ("host", "size"),
    [
        ("alpha", SMALL),
        pytest.param("alpha", LARGE, marks=pytest.mark.soak),
        pytest.param("bravo", LARGE, marks=pytest.mark.soak),
    ],
)
def test_a_cell_runs_and_a_file_goes_up_and_comes_down(browser, url, host, size, tmp_path):
    sent = tmp_path / f"{size}.bin"
    sent.write_bytes(os.urandom(size))
    with tab(browser) as page:
        page.open(url(host))
        page.have_notebook()
        page.run(f"print(6 * 7, 'with {size}')", f"42 with {size}")
        page.upload(sent)
        assert digest(page.download(sent.name)) == digest(sent)


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
