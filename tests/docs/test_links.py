"""Every link of the documentation leads somewhere, and every page can be reached from the README."""

from __future__ import annotations

import subprocess
from urllib.parse import unquote

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links


def local(page):
    """Path and anchor of each link that stays here."""
    for target in links(page):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, anchor = unquote(target).partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_documentation_leads_somewhere(page):
    for path, anchor in local(page):
        assert path.exists(), path
        assert path.is_relative_to(ROOT), path
        if anchor:
            assert anchor in anchors(path), f"{path.relative_to(ROOT)}#{anchor}"


def test_links_leave_for_well_known_places_only():
    """An address that somebody invented, or a lab's own, would stand out here."""
    known = ("https://docs.nvidia.com/", "https://keepachangelog.com", "https://semver.org", "https://github.com/")
    outside = {target for page in PAGES for target in links(page) if "://" in target}
    assert [target for target in outside if not target.startswith(known)] == []


def test_every_page_and_picture_is_reached_from_the_readme():
    seen, coming = set(), [ROOT / "README.md"]
    while coming:
        page = coming.pop()
        if page not in seen:
            seen.add(page)
            coming += [path for path, _ in local(page) if path.suffix == ".md"] if page.suffix == ".md" else []
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in seen] == []


def test_every_picture_that_is_shown_is_kept():
    kept = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    shown = {path for page in PAGES for path, _ in local(page) if path.suffix in (".svg", ".png", ".cast")}
    assert shown <= {ROOT / name for name in kept.stdout.splitlines()}
