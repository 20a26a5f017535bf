"""The page of a report in a real browser: what it draws, by day and by night, and that it asks nobody for anything."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from gpuws.fleet.demo.lab.past_weeks import record
from gpuws.model.history.report import report
from gpuws.present.report.page import page
from tests.browser.notebook_page import browsing
from tests.lab.packages import CHROMIUM

NOW = 1_770_000_000.0


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Debian's package chromium")
    with browsing() as browser:
        yield browser


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "week.html"
    path.write_text(page(report(record(NOW), NOW - 7 * 86400, NOW, "user", names=True), NOW))
    return path


@contextlib.contextmanager
def shown(browser, file, scheme="light", width=1100):
    """The page, with what it asked for and what it complained of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        tab = context.new_page()
        tab.asked, tab.said = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.goto(file.as_uri())
        yield tab
    finally:
        context.close()


def test_plots_and_table_are_drawn_and_nothing_else_is_loaded(browser, file):
    with shown(browser, file) as tab:
        assert tab.title().startswith("GPU use, ")
        assert tab.locator("h2").all_inner_texts() == ["All GPUs", "Who", "Each GPU", "Longest idle", "Nobody watched"]
        assert [row.split("\t")[0] for row in tab.locator("tbody tr").all_inner_texts()] == [
            "me",
            "bob",
            "carol",
            "dave",
        ]
        for kind in ("worked", "rested", "free", "away"):
            box = tab.locator(f"svg rect.{kind}").first.bounding_box()
            assert box["width"] > 0
            assert box["height"] > 0
        assert tab.locator("svg").count() == 2
        assert "delta/0: nobody watched" in " ".join(tab.locator("svg title").all_text_contents())
        assert (tab.asked, tab.said) == ([file.as_uri()], [])


def test_night_has_its_own_colours_and_enough_contrast(browser, file):
    seen = {}
    for scheme in ("light", "dark"):
        with shown(browser, file, scheme) as tab:
            seen[scheme] = tab.evaluate(
                "() => ['body', '.tile', '.tile span', 'rect.worked', 'rect.rested', 'rect.free'].map(it => {"
                "const s = getComputedStyle(document.querySelector(it));"
                "return [s.color, s.backgroundColor, s.fill].map(c => (c.match(/\\d+/g) || []).map(Number))})"
            )
    for scheme, (body, tile, quiet, worked, rested, free) in seen.items():
        assert contrast(body[0], tile[1]) > 7, scheme
        assert contrast(quiet[0], tile[1]) > 4.5, scheme
        assert contrast(worked[2], free[2]) > 1.8, scheme
        assert contrast(worked[2], rested[2]) > 1.1, scheme
    assert luminance(seen["light"][0][1]) > 0.8
    assert luminance(seen["dark"][0][1]) < 0.05


def test_on_a_phone_nothing_hangs_over(browser, file):
    with shown(browser, file, width=400) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 400


def luminance(rgb):
    parts = [value / 255 for value in rgb[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """As WCAG 2 has it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
