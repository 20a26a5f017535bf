import sys
from pathlib import Path

import pytest

from tests.lab.packages import CHROMIUM

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]
"""What drives the browser is installed on Linux only, where the lab is."""


@pytest.fixture(scope="module")
def browser(lab):
    from tests.browser.notebook_page import browsing

    if not Path(CHROMIUM).exists():
        pytest.skip("needs Debian's package chromium")
    with browsing() as browser:
        yield browser
