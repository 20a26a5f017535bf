"""All that is drawn can be read: each role, in every theme that can be chosen, on whatever it may stand on."""

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from gpuws.model.settings import ScreenSettings
from gpuws.present.line import Role
from gpuws.tui.app import GpuwsApp
from gpuws.tui.everywhere import choose_theme
from gpuws.tui.settings import put_theme_on
from gpuws.tui.toolkit.contrast import GRAPHIC, TEXT, lifted, nearest, ratio
from gpuws.tui.toolkit.theme import CURSOR, CURSOR_ELSEWHERE, DECORATION, FADES, SHAPES, behind_cursor, paint
from gpuws.tui.toolkit.themes import ANSI_DARK, ANSI_LIGHT, DARK, LIGHT, THEMES, suiting
from tests.tui.driving import running, toasts
from tests.tui.lab import lab

ROLES = Role.__args__
MIXED = sorted({*BUILTIN_THEMES, DARK.name, LIGHT.name} - {ANSI_DARK.name, ANSI_LIGHT.name})
XTERM = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
VGA = "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"


@pytest.fixture
def app():
    return GpuwsApp(lambda: None, lambda _: 0)


def grounds(app, variables):
    """What text stands on: the screens, panels, fields, and the row under the cursor on each."""
    plain = [Color.parse(variables[name]) for name in ("background", "surface", "panel", "field", "field-focus")]
    rows = [behind_cursor(app, ground, focused=focused) for ground in plain[:3] for focused in (True, False)]
    return [*plain, *rows]


def contrast(style, seen=lambda colour: colour):
    return ratio(*(seen(Color(*colour.get_truecolor())) for colour in (style.color, style.bgcolor)))


@pytest.mark.parametrize(
    ("name", "colours"),
    [*((name, "truecolor") for name in MIXED), (DARK.name, "256"), (LIGHT.name, "256"), ("nord", "256")],
)
def test_every_role_can_be_read_in_every_theme(app, monkeypatch, name, colours):
    monkeypatch.setattr("gpuws.tui.toolkit.theme.in_256", lambda _: colours == "256")
    monkeypatch.setattr("gpuws.tui.base.in_256", lambda _: colours == "256")
    monkeypatch.setattr("gpuws.tui.toolkit.theme._made", {})
    app.set_reactive(GpuwsApp.theme, name)
    variables = app.get_css_variables()
    seen = nearest if colours == "256" else lambda colour: colour
    style = paint(app)
    for ground in grounds(app, variables):
        for role in ROLES:
            for fade in (0, len(FADES) - 1):
                least = 1.0 if role in DECORATION else GRAPHIC if role in SHAPES else TEXT
                assert contrast(style(role, ground, fade), seen) >= least, (role, ground.hex, fade)
    words = ["foreground", "muted", "faint", "text-muted", "text-disabled"]
    for word in [*words, *(f"text-{each}" for each in ("primary", "accent", "success", "warning", "error"))]:
        for ground in ("background", "surface", "panel", "field", "field-focus"):
            drawn = seen(Color.parse(variables[word])), seen(Color.parse(variables[ground]))
            assert ratio(*drawn) >= TEXT, (word, ground)


@pytest.mark.parametrize("palette", [XTERM, VGA], ids=["xterm", "VGA"])
@pytest.mark.parametrize("theme", [ANSI_DARK, ANSI_LIGHT], ids=lambda theme: theme.name)
def test_every_role_can_be_read_in_sixteen_colours(app, theme, palette):
    app.set_reactive(GpuwsApp.theme, theme.name)
    ground = Color.parse("ansi_default")
    own = {True: ("#e5e5e5", "#000000"), False: ("#000000", "#ffffff")}[theme.dark]

    def seen(colour, usual):
        return Color.parse(usual if colour is None or colour.number is None else f"#{palette.split()[colour.number]}")

    told = {}
    for role in ROLES:
        style = paint(app)(role, ground, 0)
        drawn = seen(style.color, own[0]), seen(style.bgcolor, own[1])
        told[role] = (*drawn, style.bold)
        assert role in DECORATION or ratio(*drawn) >= (GRAPHIC if role in SHAPES else TEXT), role
        stale = paint(app)(role, ground, 1)
        assert role in SHAPES | DECORATION or (stale.color, stale.bold) == (paint(app)("muted", ground, 0).color, False)
    assert len({told[role] for role in ("free", "mine", "idle", "error", "text")}) == 5


def test_where_nothing_can_be_mixed_the_cursor_is_reversed(app):
    app.set_reactive(GpuwsApp.theme, ANSI_DARK.name)
    ground = Color.parse("ansi_default")
    assert behind_cursor(app, ground, focused=True) == CURSOR
    assert behind_cursor(app, ground, focused=False) == CURSOR_ELSEWHERE
    assert paint(app)("free", CURSOR, 0) == Style(reverse=True, underline=False, bold=True)
    assert paint(app)("text", CURSOR_ELSEWHERE, 0) == Style(reverse=False, underline=True, bold=False)


async def test_a_theme_is_seen_before_it_is_chosen_and_remembered():
    async with running(lab()) as (app, pilot):
        choose_theme(app)
        await pilot.until(lambda: type(app.screen).__name__ == "ThemeScreen")
        assert app.theme == DARK.name
        await pilot.press("j", "j")
        assert (app.theme, app.remembered.theme) == (LIGHT.name, "")
        await pilot.press("escape")
        assert (app.theme, app.remembered.theme) == (DARK.name, "")
        choose_theme(app)
        await pilot.until(lambda: type(app.screen).__name__ == "ThemeScreen")
        app.screen.rows.select("nord")
        await pilot.press("enter")
        assert (app.theme, app.remembered.theme, toasts(app)) == ("nord", "nord", [])


async def test_the_configuration_counts_more_than_what_was_chosen():
    async with running(lab(), look=ScreenSettings(theme="gruvbox")) as (app, pilot):
        choose_theme(app)
        await pilot.until(lambda: type(app.screen).__name__ == "ThemeScreen")
        app.screen.rows.select("nord")
        await pilot.press("enter")
        await pilot.until(lambda: toasts(app))
        assert (app.theme, app.remembered.theme) == ("gruvbox", "nord")
        assert toasts(app) == ["config.yaml says theme: gruvbox; nord comes when that line goes"]


@pytest.mark.parametrize(
    ("said", "chosen", "dark", "theme"),
    [
        (None, "", None, DARK.name),
        (None, "", False, LIGHT.name),
        (None, "nord", False, "nord"),
        ("auto", "nord", False, LIGHT.name),
        ("gruvbox", "nord", False, "gruvbox"),
        (None, "from another version", True, DARK.name),
    ],
)
def test_who_decides_the_theme(app, said, chosen, dark, theme):
    app.look, app.dark_terminal = ScreenSettings(theme=said), dark
    app.remember(theme=chosen)
    put_theme_on(app)
    assert app.theme == theme


def test_what_the_terminal_told_last_counts_where_it_tells_nothing(app, monkeypatch):
    app.remember(light=True)
    put_theme_on(app)
    assert app.theme == LIGHT.name
    monkeypatch.setenv("COLORFGBG", "15;0")
    put_theme_on(app)
    assert app.theme == DARK.name


def test_sixteen_colours_are_the_terminals_own_whatever_is_said(monkeypatch):
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "xterm")
    app = GpuwsApp(lambda: None, lambda _: 0)
    app.look = ScreenSettings(theme="nord")
    put_theme_on(app)
    assert app.theme == ANSI_DARK.name


def test_a_colour_is_only_moved_as_far_as_it_must_be():
    ground = Color.parse("#0f1318")
    assert lifted(Color.parse("#ffffff"), ground, TEXT) == Color.parse("#ffffff")
    grey = lifted(Color.parse("#20252b"), ground, TEXT)
    assert TEXT <= ratio(grey, ground) < TEXT + 0.7
    assert ratio(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert lifted(Color.parse("#888"), Color.parse("#999"), 21) == Color.parse("#000")  # the most that there is


def test_the_terminal_decides_where_nobody_did():
    assert suiting(dark=True, colours=1 << 24) is DARK
    assert suiting(dark=False, colours=256) is LIGHT
    assert suiting(dark=False, colours=16) is ANSI_LIGHT
    assert suiting(dark=True, colours=0) is ANSI_DARK
    assert {theme.name for theme in THEMES} == {"gpuws-dark", "gpuws-light", "ansi-dark", "ansi-light"}
