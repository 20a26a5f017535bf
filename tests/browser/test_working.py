"""The page that `gpuws jupyter` opens is one to work in: cells run, files go up and come down as they are."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.notebook_page import tab
from tests.e2e.gpuws import configured, users
from tests.e2e.test_tunnels import SERVED

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
HOSTS = ("alpha", "bravo")
NAME = "worked-in"
SMALL, LARGE = 300_000, 200_000_000


@pytest.fixture(scope="module")
def urls(lab, tmp_path_factory):
    """Where a server of each host is reached; both are launched at the same time."""
    hosts = f"hosts: {{alpha: {{}}, bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    ada = configured(tmp_path_factory.mktemp("ada"), hosts, [("served", SERVED)])

    def opened(host):
        ada.ok("launch", "served", "-H", host, "--name", NAME, timeout=120)
        return ada.json("jupyter", f"{host}/{NAME}", "--keep", timeout=120)["url"]

    try:
        with ThreadPoolExecutor() as both:
            yield dict(zip(HOSTS, both.map(opened, HOSTS), strict=True))
    finally:
        ada.run("rm", "-f", "--yes", *(f"{host}/{NAME}" for host in HOSTS))
        users.remove(ada)
        ada.stop_keeper()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.soak)])
def test_a_cell_runs_and_a_file_goes_up_and_comes_down(browser, urls, host, size, tmp_path):
    sent = tmp_path / f"{size}.bin"
    sent.write_bytes(os.urandom(size))
    with tab(browser) as page:
        page.open(urls[host])
        page.have_notebook()
        page.run(f"print(6 * 7, 'with {size}')", f"42 with {size}")
        page.upload(sent)
        assert digest(page.download(sent.name)) == digest(sent)


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
