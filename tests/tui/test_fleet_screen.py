"""The home screen, driven by keys at the sizes people have."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.css.query import NoMatches

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.events import HostsChanged
from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import Xid
from gpuws.model.host.host import HostState
from gpuws.model.session.notebook import Notebook
from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.state import SessionState
from gpuws.model.session.window import Pane, Window
from gpuws.model.settings import ScreenSettings
from gpuws.tui.app import Opened
from tests.factories import NOW, container, gpu, session, snapshot
from tests.tui.driving import SIZES, TestApp, running, say, text, toasts, until
from tests.tui.lab import StubFleet, down, lab

HOSTILE = "\x1b[31m[bold red]訓練[/]\u202e"


@pytest.mark.parametrize("size", SIZES)
async def test_the_lab_is_on_the_screen(demo, size):
    async with running(demo, size) as (app, _):
        shown = text(app)
        for words in ("gpuws", "7 hosts", "22 GPUs", "free", "alpha", "bravo", "torch-dev", "alice", "74/80G"):
            assert words in shown
        assert all(len(line) <= size[0] for line in shown.split("\n"))


async def test_a_part_that_is_gone_while_the_program_ends_is_no_fault(demo):
    async with running(demo) as (app, _):
        app.exit(0)
        app._handle_exception(NoMatches("as its message pump gives it"))
        assert app.return_code == 0


async def test_a_fleet_that_changes_before_the_home_screen_has_its_parts_is_shown_when_it_has(demo):
    async with running(demo) as (app, _):
        home = app.home()
        shown = len(home.list.rows)
        await home.list.remove()
        home.fleet_changed(())
        await home.recompose()
        home.fleet_changed(())
        assert len(home.list.rows) == shown


async def test_values_move_with_the_fleet(demo):
    async with running(demo) as (app, pilot):
        before = text(app)
        for _ in range(3):
            demo.step()
        await pilot.until(lambda: text(app) != before)


async def test_the_cursor_starts_on_mine(demo):
    async with running(demo) as (app, _):
        row = app.screen.list.current
        assert row.gpu is not None
        assert row.gpu.mine


async def test_the_cursor_stays_on_its_row_when_others_come():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleets = app.screen.list
        await pilot.press("G")
        assert fleets.current.key == ("bravo", "GPU-bravo-1")
        more = tuple(gpu(number) for number in range(8))
        fleet.put(replace(fleet.hosts["alpha"], gpus=more))
        await pilot.until(lambda: len(fleets.rows) == 12)
        assert fleets.current.key == ("bravo", "GPU-bravo-1")
        fleet.put(replace(fleet.hosts["bravo"], gpus=()))
        await pilot.until(lambda: len(fleets.rows) == 10)
        assert fleets.current.key == ("bravo", "")


async def test_moving():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        await pilot.press("g")
        assert fleets.cursor == 0
        await pilot.press("j", "down", "k")
        assert fleets.cursor == 1
        await pilot.press("G")
        assert fleets.cursor == len(fleets.rows) - 1
        await pilot.press("j")
        assert fleets.cursor == len(fleets.rows) - 1


async def test_hosts_fold_and_unfold():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        assert len(fleets.rows) == 7
        await pilot.press("left")
        assert len(fleets.rows) == 4
        assert fleets.current.key == ("alpha", "")
        await pilot.press("right")
        assert len(fleets.rows) == 7
        await pilot.click("FleetList", offset=(1, 1))
        assert len(fleets.rows) == 4


async def test_filter_narrows_while_typed_and_brackets_go_on():
    async with running(lab()) as (app, pilot):
        fleets = app.screen.list
        await pilot.press("slash")
        await say(pilot, "free")
        await pilot.until(lambda: len([row for row in fleets.rows if row.gpu]) == 2)
        await pilot.until(lambda: "⏎ keeps it  esc shows all" in text(app) and "/ filter" not in text(app))
        await pilot.press("enter")
        assert app.focused is fleets
        assert fleets.current.key == ("alpha", "GPU-alpha-2")
        await pilot.press("right_square_bracket")
        assert fleets.current.key == ("bravo", "GPU-bravo-1")
        await pilot.press("left_square_bracket")
        assert fleets.current.key == ("alpha", "GPU-alpha-2")
        assert "esc shows all" in text(app)
        await pilot.press("escape")
        await pilot.until(lambda: len(fleets.rows) == 7)
        await pilot.press("n")
        assert type(app.screen).__name__ == "LaunchScreen"


async def test_a_filter_that_finds_nothing_says_so():
    async with running(lab()) as (app, pilot):
        await pilot.press("slash")
        await say(pilot, "zebra")
        await pilot.until(lambda: "Nothing matches" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: "alpha" in text(app))


async def test_mine_only():
    async with running(lab()) as (app, pilot):
        await pilot.press("m")
        assert [row.gpu.index for row in app.screen.list.rows if row.gpu] == [0]
        await pilot.press("m")
        assert len(app.screen.list.rows) == 7


async def test_panels_follow_the_selection():
    async with running(lab(), (160, 45)) as (app, pilot):
        await pilot.press("g", "j", "j")
        await pilot.until(lambda: "alpha · GPU 1" in text(app))
        assert "python jup" in text(app)
        await pilot.press("2")
        await pilot.until(lambda: "OWNER" in text(app))
        assert "running" in text(app)
        await pilot.press("tab")
        await pilot.until(lambda: "SESSION" in text(app))
        await pilot.press("right")
        await pilot.until(lambda: "No notebook runs" in text(app))
        await pilot.press("right")
        await pilot.until(lambda: "No tunnels" in text(app))
        await pilot.press("right")
        await pilot.until(lambda: "Nothing has happened" in text(app))
        await pilot.press("escape")
        assert app.focused is app.screen.list


async def test_on_a_small_screen_the_panel_opens_when_asked():
    async with running(lab(), (80, 24)) as (app, pilot):
        panel = app.screen.panel
        assert not panel.display
        await pilot.press("1")
        assert panel.display
        await pilot.press("escape")
        await pilot.press("escape")
        assert not panel.display
        await pilot.press("p")
        assert (panel.display, panel.tab) == (True, 1)


async def test_zoom_and_back(demo):
    async with running(demo) as (app, pilot):
        await pilot.press("z")
        assert app.screen.has_class("zoomed")
        assert not app.screen.list.is_on_screen or app.screen.list.size.height == 0
        await pilot.press("z")
        assert not app.screen.has_class("zoomed")
        assert app.focused is app.screen.list


async def test_a_down_host_says_why_and_what_to_do():
    async with running(StubFleet(lab().hosts["alpha"], down(retry_at=NOW))) as (app, pilot):
        assert "did not answer within 10 s" in text(app)
        assert "is it on?" in text(app)
        await pilot.press("G", "enter")
        await pilot.until(lambda: type(app.screen).__name__ == "NoticeScreen")
        assert "is it on?" in text(app)
        await pilot.click("#again")
        await pilot.until(lambda: app.fleet.named("reconnect") == [("reconnect", "golf")])


async def test_stale_values_are_dimmed_and_keep_their_row():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleet.put(replace(fleet.hosts["bravo"], state=HostState.STALE, error="link lost", updated_at=NOW))
        await pilot.until(lambda: "link lost" in text(app))
        fleets = app.screen.list
        index = next(i for i, row in enumerate(fleets.rows) if row.key == ("bravo", "GPU-bravo-0"))
        assert fleets.fade(index) > 0
        assert "sweep.py" in text(app)


async def test_hostile_names_change_nothing_but_their_own_cells():
    held = gpu(0, user=HOSTILE, name=HOSTILE * 20, kind="container", used=9)
    bad = snapshot(
        "alpha",
        gpus=(replace(held, held_by=(replace(held.held_by[0], idle_seconds=9e3, idle_evidence=HOSTILE),)),),
        notebooks=(Notebook(HOSTILE, HOSTILE * 9, 8888, HOSTILE, HOSTILE),),
        warnings=(Fault("other", HOSTILE * 9),),
        xids=(Xid(79, HOSTILE, HOSTILE),),
        workspaces=(container(HOSTILE * 20, mine=False, owner=HOSTILE),),
        sessions=(session(HOSTILE),),
        error=HOSTILE,
    )
    async with running(StubFleet(bad), (120, 40)) as (app, pilot):
        for keys in ("1", "4", "6", "w", "escape", "g", "j", "enter", "escape", "v", "v", "p", "K", "escape", "2", "3",
                     "x", "escape", "t", "escape", "2", "S"):  # fmt: skip
            await pilot.press(keys)
            await pilot.pause()
            shown = text(app)
            assert "\x1b" not in shown
            assert "\u202e" not in shown
        assert "[bold red]" in text(app)


class Hostile(StubFleet):
    def preview(self, place, session, pane=None, *, colours=True, lines=100):
        self._called("preview", place, session)
        shown = (
            HOSTILE * 300,
            f"\x1b[31m{HOSTILE}\x1b[2J\x1b[8m\x1b]52;c;eA==\x07",
            "\x9b2J\u2066界" * 3000,
            "then this",
        )
        return PaneScreen(lines=shown, command=HOSTILE)


async def test_a_view_of_a_hostile_pane_stays_within_its_cells():
    pane = Pane("%1", 1, HOSTILE * 200, active=True)
    windows = tuple(Window(f"@{at}", at, HOSTILE * 20, active=not at, bell=True, panes=(pane,)) for at in range(3))
    one = session("s", layout=windows, state=SessionState("waiting", HOSTILE * 90), command=HOSTILE * 90)
    async with running(Hostile(snapshot("alpha", gpus=(gpu(0),), sessions=(one,))), (120, 40)) as (app, pilot):
        for key in ("3", "t"):
            await pilot.press(key)
            await pilot.until(lambda: "then this" in text(app))
            rows = text(app).split("\n")
            assert all(row.isprintable() for row in rows)
            assert {cell_len(row) for row in rows} == {120}


async def test_a_host_of_sixteen_gpus():
    many = snapshot("dgx", gpus=tuple(gpu(number, host="dgx") for number in range(16)))
    async with running(StubFleet(many), (80, 24)) as (app, pilot):
        await pilot.press("G")
        await pilot.until(lambda: "15" in text(app))
        assert app.screen.list.current.gpu.index == 15


async def test_forty_hosts_start_folded_but_mine():
    hosts = [snapshot(f"gpu-{n:02}", gpus=tuple(gpu(i, host=f"h{n}") for i in range(8))) for n in range(40)]
    hosts[20] = replace(hosts[20], gpus=(gpu(0, user="alice", mine=True, used=9, host="h20"),))
    async with running(StubFleet(*hosts)) as (app, pilot):
        assert len(app.screen.list.rows) == 41
        assert app.screen.list.current.key == ("gpu-20", "GPU-h20-0")
        assert "gpu-20" in text(app)
        await pilot.press("G")
        await pilot.until(lambda: "gpu-39" in text(app))


async def test_an_update_paints_only_what_changed():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        fleets = app.screen.list
        painted = []
        fleets._refresh_row = painted.append
        alpha = fleet.hosts["alpha"]
        fleet.put(replace(alpha, gpus=(replace(alpha.gpus[0], utilization=12.0), *alpha.gpus[1:])))
        await pilot.until(lambda: " 12%" in str(fleets._lines.get(1)))
        assert painted == [0, 1]  # the host's mean, and the GPU


async def test_paints_are_bounded_however_fast_the_fleet_is():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        paints = []
        paint = app._paint
        app._paint = lambda: (paints.append(1), paint())
        alpha = fleet.hosts["alpha"]
        for number in range(200):
            fleet.put(replace(alpha, cpu_percent=float(number)))
        await pilot.until(lambda: app.state.hosts["alpha"].cpu_percent == 199.0)
        assert len(paints) <= 2


async def test_the_theme_and_keys_of_the_configuration():
    look = ScreenSettings(theme="gpuws-light", keys={"zoom": "Z", "atach": "A", "quit": "f10"})
    async with running(lab(), look=look) as (app, pilot):
        assert app.theme == "gpuws-light"
        assert any("did you mean 'attach'" in toast for toast in toasts(app))
        await pilot.press("Z")
        assert app.screen.has_class("zoomed")


async def test_an_unknown_theme_is_said():
    async with running(lab(), look=ScreenSettings(theme="neon")) as (app, _):
        assert app.theme == "gpuws-dark"
        assert any("neon" in toast for toast in toasts(app))


@pytest.mark.parametrize("theme", ["gpuws-dark", "gpuws-light", "nord", "ansi-dark"])
async def test_every_theme_can_be_drawn(demo, theme):
    async with running(demo, look=ScreenSettings(theme=theme)) as (app, _):
        assert app.theme == theme
        assert "alpha" in text(app)


async def test_resizing_keeps_the_selection(demo):
    async with running(demo, (160, 45)) as (app, pilot):
        await pilot.press("j", "j")
        key = app.screen.list.current.key
        for size in ((60, 20), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.screen.list.current.key == key
            assert "alpha" in text(app)


async def test_help_lists_the_live_keys():
    async with running(lab(), look=ScreenSettings(keys={"zoom": "Z"})) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.until(lambda: type(app.screen).__name__ == "HelpScreen")
        cells = {row.key: row.cells[0][0].text for row in app.screen.rows.rows if row.cells[0]}
        assert cells["zoom"] == "Z"
        assert cells["down"] == "j ↓"
        await pilot.press("escape")


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_verbs(key):
    async with running(lab()) as (app, pilot):
        await pilot.press(key)
        await pilot.until(lambda: type(app.screen).__name__ == "PaletteScreen")
        await say(pilot, "Log of torch-dev")
        app.fleet.inspected["stream"] = None
        await pilot.press("enter")
        await pilot.until(lambda: type(app.screen).__name__ == "LogScreen")


async def test_nothing_is_offered_where_hosts_are_configured():
    fleet = StubFleet(snapshot("alpha"), candidates=("bravo",))
    async with running(fleet) as (app, pilot):
        await pilot.until(lambda: fleet.named("start"))
        assert not app.screen.query("FirstRun")


@pytest.mark.parametrize("names", [("alpha",), ("local",)])
async def test_nothing_is_offered_before_the_keeper_has_told_its_hosts(names):
    fleet = StubFleet(candidates=("bravo",))
    app = TestApp(lambda: Opened(fleet, keeps=True), lambda _: 0)
    async with app.run_test(headless=False) as pilot:
        await until(pilot, lambda: fleet.named("start"))
        assert not app.screen.query("FirstRun")
        fleet.emit(HostsChanged(names))
        await until(pilot, lambda: app.state.hosts)
        await pilot.pause()
        if names == ("local",):
            await until(pilot, lambda: app.screen.query("FirstRun"))
        else:
            assert not fleet.named("configured")


async def test_the_demo_moves_by_itself():
    fleet = DemoFleet(tick=0.05)
    try:
        async with running(fleet, (160, 45)) as (app, pilot):
            before = text(app)
            await pilot.until(lambda: text(app) != before)
    finally:
        fleet.close()


async def test_a_panel_is_filtered_too():
    async with running(lab()) as (app, pilot):
        table = app.screen.panel.table
        await pilot.press("2", "slash")
        await say(pilot, "bob")
        await pilot.until(lambda: [row.key for row in table.rows] == ["jup-id"])
        await pilot.press("enter")
        assert app.focused is table
        await pilot.press("escape")
        await pilot.until(lambda: len(table.rows) == 3)
        await pilot.press("space")
        await pilot.until(lambda: "1 marked" in text(app))


async def test_the_fleet_moves_on_under_a_dialog_and_stands_still_under_a_screen():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        home, alpha = app.screen, fleet.hosts["alpha"]
        await pilot.press("question_mark")
        fleet.put(replace(alpha, gpus=alpha.gpus[:2]))
        await pilot.until(lambda: len(home.list.rows) == 6)
        await pilot.press("escape", "i")
        fleet.put(replace(alpha, gpus=alpha.gpus[:1]))
        await pilot.until(lambda: len(app.state.hosts["alpha"].gpus) == 1)
        assert len(home.list.rows) == 6
        await pilot.press("escape")
        await pilot.until(lambda: len(home.list.rows) == 5)


@pytest.mark.parametrize(
    ("bar", "word", "opened"), [("#hints", "keys", "HelpScreen"), ("#here", "actions", "ActionScreen")]
)
async def test_hints_can_be_clicked(bar, word, opened):
    async with running(lab()) as (app, pilot):
        line = text(app).split("\n")[app.screen.query_one(bar).region.y]
        await pilot.click(bar, offset=(line.index(word), 0))
        await pilot.until(lambda: type(app.screen).__name__ == opened)


async def test_panels_can_be_clicked():
    async with running(lab()) as (app, pilot):
        title = next(line for line in text(app).split("\n") if "2 Containers" in line)
        await pilot.click("#panel-title", offset=(title.index("2 Containers") + 1, 0))
        await pilot.until(lambda: app.screen.panel.tab == 2)
