"""What the keys do: which one is meant, is it sure, the fleet's verb, and what is said of it."""

import re
import threading
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import unquote, urlsplit

import pytest

from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.terminal import Size
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef, Ref
from gpuws.tui.context import Context
from gpuws.tui.fleet.actions import offered
from gpuws.tui.selection import Selection
from gpuws.tui.sessions.preview import Preview
from gpuws.tui.terminal.foreground import foreground
from tests.factories import NOW, container, gpu, session, snapshot
from tests.tui.driving import SuspendableDriver, TestApp, do, running, say, text, toasts
from tests.tui.lab import StubFleet, down, lab

TORCH = PlaceRef("alpha", "torch-dev-id")


def screen_name(app):
    return type(app.screen).__name__


def opening(fleet_calls):
    """A pump that opens the terminal at a size, and ends well."""

    def pump(opener, _back):
        fleet_calls.append(opener(Size(100, 30)))
        return 0

    return pump


# a, s: the terminal


async def test_attach_enters_the_container_of_the_gpu(capsys):
    fleet = lab()
    async with running(fleet, pump=opening([])) as (app, pilot):
        SuspendableDriver.calls.clear()
        key, scroll = app.screen.list.current.key, app.screen.list.scroll_offset
        await pilot.press("a")
        assert fleet.named("attach") == [("attach", TORCH, "inner", Size(100, 30))]
        assert SuspendableDriver.calls == ["suspend", "resume"]
        assert (app.screen.list.current.key, app.screen.list.scroll_offset) == (key, scroll)


async def test_what_is_not_mine_is_looked_on_and_the_terminal_says_whose_it_is(monkeypatch):
    fleet, printed = lab(), []
    monkeypatch.setattr("gpuws.tui.terminal.foreground.print", lambda text, **_: printed.append(text), raising=False)
    async with running(fleet, pump=opening([])) as (_, pilot):
        await pilot.press("j", "a")
        assert fleet.named("attach") == [("attach", PlaceRef("alpha", "jup-id"), None, Size(100, 30))]
        assert fleet.manners[0].look
        said, restored = printed
        assert said.startswith("\x1b[22;2t\x1b]2;alpha/jup is bob's: you look on. To write: W on gpuws' screen")
        assert restored == "\x1b[23;2t"


async def test_writing_into_what_is_not_mine_takes_its_name():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("j", "W")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "Write into jup on alpha?" in text(app)
        assert "$ gpuws attach --write alpha/jup" in text(app)
        await say(pilot, "ju")
        await pilot.press("enter")
        assert not fleet.named("attach")
        await say(pilot, "p")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert (fleet.manners[0].look, fleet.manners[0].own) == (False, False)


async def test_writing_into_what_is_mine_asks_nothing():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (_, pilot):
        await pilot.press("W")
        assert fleet.named("attach") == [("attach", TORCH, "inner", Size(100, 30))]
        assert not fleet.manners[0].look


async def test_actions_show_how_what_is_not_mine_is_entered():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("j", "x")
        await pilot.until(lambda: screen_name(app) == "ActionScreen")
        assert re.search(r"a +Look on jup +gpuws attach alpha/jup", text(app))
        assert re.search(r"W +Write into jup +gpuws attach --write alpha/jup", text(app))
        assert re.search(r"s +Shell in jup +ssh -t alpha 'docker exec -it jup /bin/sh -c", text(app))


async def test_attach_to_a_host_asks_which_session():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("g", "a")
        await pilot.until(lambda: screen_name(app) == "ChooseScreen")
        assert "tmux main in alpha" in text(app)
        assert "a shell on alpha" in text(app)
        assert not fleet.named("attach")
        await pilot.press("j", "j", "enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert fleet.named("attach")[0][1:3] == (PlaceRef("alpha"), None)


async def test_attach_asks_where_a_container_has_several_sessions():
    alpha = lab().hosts["alpha"]
    sessions = (session("one", container="torch-dev"), session("two", container="torch-dev"))
    fleet = StubFleet(snapshot("alpha", gpus=alpha.gpus, workspaces=alpha.workspaces, sessions=sessions))
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("a")
        await pilot.until(lambda: screen_name(app) == "ChooseScreen")
        await pilot.press("down", "enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert fleet.named("attach")[0][1:3] == (TORCH, "two")


async def test_enter_on_a_session_attaches():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (_, pilot):
        await pilot.press("3", "enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert fleet.named("attach")[0][1:3] == (PlaceRef("alpha"), "main")


async def test_shell_on_a_free_gpu_is_a_shell_on_its_host_and_a_containers_has_my_colours(monkeypatch):
    monkeypatch.setenv("COLORTERM", "truecolor")
    fleet = lab()
    async with running(fleet, pump=opening([])) as (_, pilot):
        await pilot.press("G", "s")
        await pilot.press("g", "2", "s")
        await pilot.until(lambda: len(fleet.named("interactive")) == 2)
    (_, host, words, _, plain), (_, place, _, _, coloured) = fleet.named("interactive")
    assert (host, words, plain) == (PlaceRef("bravo"), (), ())
    assert (place.workspace is not None, coloured) == (True, ("COLORTERM=truecolor",))


@pytest.mark.parametrize("failure", [Unreachable("the link is lost", "ctrl+r"), ValueError("[red]boom")])
async def test_the_terminal_comes_back_whatever_happens_inside(failure):
    def pump(*_):
        raise failure

    async with running(lab(), pump=pump) as (app, pilot):
        SuspendableDriver.calls.clear()
        await pilot.press("a")
        await pilot.until(lambda: toasts(app))
        assert SuspendableDriver.calls == ["suspend", "resume"]
        assert "alpha" in text(app)


async def test_what_was_left_is_entered_by_a_again_whatever_is_selected():
    fleet, backs = lab(), []

    def pump(opener, back):
        opener(Size())
        backs.append(back)
        return None if len(backs) == 1 else 0

    async with running(fleet, pump=pump) as (app, pilot):
        await pilot.press("a")
        await pilot.until(lambda: any("left; what runs there goes on" in toast for toast in toasts(app)))
        await pilot.press("j")
        await pilot.until(lambda: text(app).splitlines()[-2].startswith(" a enter torch"))
        await pilot.press("a")
        assert [called[1] for called in fleet.named("attach")] == [TORCH, TORCH]
        backs[0].again(Size())
        assert [(how.own, how.make) for how in fleet.manners[-1:]] == [(True, False)]


async def test_a_shell_ends_with_its_link():
    async with running(lab(), pump=lambda *_: None) as (app, pilot):
        await pilot.press("s")
        await pilot.until(lambda: any("the link was lost, and the shell with it" in toast for toast in toasts(app)))


async def test_events_during_an_attach_are_coalesced():
    fleet = lab()
    alpha = fleet.hosts["alpha"]

    def pump(*_):
        thread = threading.Thread(target=lambda: [fleet.put(alpha) for _ in range(1000)])
        thread.start()
        thread.join()
        return 0

    async with running(fleet, pump=pump) as (app, pilot):
        queued = []
        feed_ready = app._wake
        app.feed._wake = lambda: (queued.append(1), feed_ready())
        await pilot.press("a")
        assert len(queued) <= 1


def test_foreground_gives_back_the_signal_handler():
    import signal
    from contextlib import contextmanager

    class Plain:
        typed = Mock()

        @contextmanager
        def suspend(self):
            yield

        @contextmanager
        def batch_update(self):
            yield

    before = signal.getsignal(signal.SIGINT)

    def fail():
        with foreground(Plain()):
            assert signal.getsignal(signal.SIGINT) is not before
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert signal.getsignal(signal.SIGINT) is before
    Plain.typed.forget.assert_called_once_with()


# S R K D


@pytest.mark.parametrize(("key", "action"), [("S", "stop"), ("R", "restart"), ("K", "kill"), ("D", "remove")])
async def test_harm_is_confirmed_and_mine_needs_a_yes(key, action):
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press(key)
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert f"{action.capitalize()} torch-dev on alpha?" in text(app)
        assert "docker" in text(app)
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert not fleet.named("act")
        await pilot.press(key)
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await pilot.press("y")
        if action == "remove":  # what runs is not removed by a single letter
            await pilot.until(lambda: app.focused.id == "go")
            assert not fleet.named("act")
            await pilot.press("enter")
        await pilot.until(lambda: fleet.named("act"))
        assert fleet.named("act") == [("act", Ref("alpha", "torch-dev-id"), action, action == "remove")]


async def test_what_is_not_mine_needs_its_name_typed():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("j", "S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert app.focused.id == "cancel"
        assert app.screen.query_one("#go").disabled
        await say(pilot, "ju")
        await pilot.press("enter")
        assert screen_name(app) == "ConfirmScreen"
        await say(pilot, "p")
        assert not app.screen.query_one("#go").disabled
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("act"))
        assert fleet.named("act")[0][1:3] == (Ref("alpha", "jup-id"), "stop")


async def test_what_makes_no_sense_is_refused_with_the_reason():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("2", "j", "S")
        await pilot.until(lambda: any("old is exited" in toast for toast in toasts(app)))
        assert screen_name(app) == "FleetScreen"


async def test_a_read_only_host_refuses_changes_and_shows_logs():
    alpha = lab().hosts["alpha"]
    fleet = StubFleet(snapshot("alpha", gpus=alpha.gpus, workspaces=alpha.workspaces, readonly=True))
    async with running(fleet) as (app, pilot):
        await pilot.press("S")
        await pilot.until(lambda: any("read-only" in toast for toast in toasts(app)))
        await pilot.press("i")
        await pilot.until(lambda: fleet.named("details"))


async def test_marked_containers_are_stopped_together_and_counted():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("2", "space", "space", "space", "S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "Stop 2 containers on alpha?" in text(app)  # the third is stopped already
        await pilot.click("Input")
        await say(pilot, "jup")  # the only one that is not mine; of several it is the count, as in the shell
        await pilot.press("enter")
        await pilot.until(lambda: len(fleet.named("act")) == 2)


async def test_marked_containers_of_others_are_counted():
    fleet = lab()
    theirs = [container(f"eval-{number}", owner="bob", mine=False) for number in (1, 2)]
    fleet.put(replace(fleet.hosts["alpha"], workspaces=(container(), *theirs)))
    async with running(fleet) as (app, pilot):
        await pilot.press("2", "space", "space", "space", "S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        await say(pilot, "3")
        await pilot.press("enter")
        assert screen_name(app) == "ConfirmScreen"
        await pilot.press("backspace")
        await say(pilot, "2")
        await pilot.press("enter")
        await pilot.until(lambda: len(fleet.named("act")) == 3)


async def test_every_verb_asks_for_the_name_of_what_is_not_mine():
    """As in the shell: the same rule says it (tests/model/test_confirm.py)."""
    fleet = lab()
    theirs, inner = container("jup", owner=None, mine=False), session("nb", container="jup", mine=False)
    alpha = replace(fleet.hosts["alpha"], workspaces=(theirs,), sessions=(inner,))
    fleet.put(alpha)
    one, there = Selection(alpha, container=theirs), Selection(alpha, session=inner)
    async with running(fleet, pump=opening([])) as (app, pilot):
        done = len(fleet.calls)
        jups = ("shell", "stop", "restart", "kill", "remove", "recreate", "jupyter")
        nbs = (("write", one), ("write", there), ("kill", there))  # its only session is what would be written into
        for verb, chosen, name in (*((verb, one, "jup") for verb in jups), *((*each, "nb") for each in nbs)):
            do(app, verb, chosen)
            await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
            assert (verb, app.screen.word) == (verb, name)
            assert f"type {name} to go on" in text(app)
            await pilot.press("y", "escape")
            await pilot.until(lambda: screen_name(app) == "FleetScreen")
        assert not [call for call in fleet.calls[done:] if call[0] not in ("watch", "history")]


@pytest.mark.parametrize(("verb", "state", "call"), [("shell", "running", "interactive"), ("start", "exited", "act")])
async def test_what_is_not_mine_is_entered_and_started_by_its_name_only(verb, state, call):
    fleet = lab()
    fleet.put(replace(fleet.hosts["alpha"], workspaces=(container("jup", owner=None, mine=False, state=state),)))
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("2")
        do(app, verb, app.screen.selection())
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert "somebody's container" in text(app)
        await pilot.press("y", "enter")
        assert not fleet.named(call)
        await pilot.press("backspace")
        await say(pilot, "jup")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named(call))


async def test_kill_a_tmux_session():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("3", "K")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")
        assert r"tmux -u kill-session -t \$4" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("kill_session"))
        assert fleet.named("kill_session") == [("kill_session", PlaceRef("alpha"), "main")]


async def test_a_failed_verb_is_one_sentence_with_its_remedy():
    fleet = lab()
    fleet.fail["act"] = GpuwsError("the engine said [no]", "ask it again")
    async with running(fleet) as (app, pilot):
        await pilot.press("R", "y")
        await pilot.until(lambda: any("the engine said [no] — ask it again" in toast for toast in toasts(app)))


async def test_a_fault_of_ours_is_a_sentence_too():
    fleet = lab()
    fleet.fail["act"] = RuntimeError("oops")
    async with running(fleet) as (app, pilot):
        await pilot.press("R", "y")
        await pilot.until(lambda: any("RuntimeError: oops" in toast for toast in toasts(app)))
        assert "Traceback" not in text(app)


# x, y, t, i, o, f


async def test_actions_show_commands_and_run():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("x")
        await pilot.until(lambda: screen_name(app) == "ActionScreen")
        assert "docker stop torch-dev" in text(app)
        await pilot.press("S")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen")


async def test_actions_on_a_stopped_container_can_start_it():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("2", "j", "enter")
        await pilot.until(lambda: screen_name(app) == "ActionScreen")
        app.screen.rows.select("start")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("act"))
        assert fleet.named("act") == [("act", Ref("alpha", "old-id"), "start", False)]


async def test_copy_the_equivalent_command():
    async with running(lab()) as (app, pilot):
        await pilot.press("y")
        assert app.copied == r"ssh -t alpha 'docker exec -it torch-dev tmux -u attach-session -t \$4'"
        await pilot.until(lambda: any(app.copied in toast for toast in toasts(app)))


async def test_jump_finds_by_a_few_letters():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("t")
        await pilot.until(lambda: screen_name(app) == "JumpScreen")
        assert "alpha/torch-dev:inner" in text(app)
        await say(pilot, "jup")
        await pilot.until(lambda: "torch-dev:inner" not in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert fleet.named("attach")[0][1] == PlaceRef("alpha", "jup-id")


async def test_the_selected_session_is_shown_as_long_as_it_can_be_seen():
    fleet = lab()
    async with running(fleet, size=(120, 40)) as (app, pilot):
        assert not fleet.named("preview")  # nobody looks at sessions yet
        await pilot.press("3")
        await pilot.until(lambda: "step of" in text(app))
        assert "title" not in text(app)
        first = fleet.named("preview")[0]
        await pilot.press("j")
        await pilot.until(lambda: fleet.named("preview")[-1] != first)
        await pilot.press("1")
        await pilot.until(lambda: "step of" not in text(app))
        preview = app.screen.query_one("#panel-preview", Preview)
        assert not preview.display
        assert preview._timer is None


async def test_a_session_is_made_and_called_otherwise_by_forms():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        it = Selection(fleet.snapshots()[0], session=session())
        do(app, "new-session", it)
        await pilot.until(lambda: screen_name(app) == "NewSessionScreen")
        await say(pilot, "train")
        await pilot.press("tab", "tab")
        await say(pilot, "~/work")
        await pilot.press("tab")
        await say(pilot, "python a.py")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("new_session"))
        made = fleet.named("new_session")[0]
        assert made == ("new_session", PlaceRef("alpha"), "train", "~/work", ("python a.py",))
        await pilot.until(lambda: screen_name(app) == "FleetScreen")
        do(app, "rename-session", it)
        await pilot.until(lambda: screen_name(app) == "RenameSessionScreen")
        await pilot.press("ctrl+a", "ctrl+k")
        await say(pilot, "other")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("rename_session"))
        assert fleet.named("rename_session") == [("rename_session", PlaceRef("alpha"), "main", "other")]


async def test_a_session_of_a_profile_is_asked_for_by_the_form_of_a_launch():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        do(app, "new-session", Selection(fleet.snapshots()[0], container=container()))
        await pilot.until(lambda: screen_name(app) == "NewSessionScreen")
        await say(pilot, "train")
        await pilot.press("tab")
        await say(pilot, "torch")
        await pilot.press("tab", "tab")
        await say(pilot, "make")
        await pilot.press("enter")
        await pilot.until(lambda: "a profile says itself what runs" in text(app))
        await pilot.press("ctrl+k", "ctrl+a", "ctrl+k", "enter")
        await pilot.until(lambda: screen_name(app) == "LaunchScreen" and fleet.named("plan"))
        assert fleet.named("plan")[-1][1:3] == ("alpha", "torch")
        assert fleet.named("plan")[-1][3].overrides == ("tmux.session=train",)
        assert fleet.named("plan")[-1][3].name is None


async def test_jump_leads_to_hosts_and_to_what_was_entered_last():
    fleet = lab()
    async with running(fleet, pump=opening([]), size=(120, 40)) as (app, pilot):
        await pilot.press("t")
        await pilot.until(lambda: "step of" in text(app))
        await pilot.press("tab", "tab", "tab", "tab")
        await pilot.until(lambda: "login shell" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("attach"))
        assert fleet.named("attach")[0][2] is None
        host = fleet.named("attach")[0][1].host
        await pilot.until(lambda: screen_name(app) == "FleetScreen")
        await pilot.press("t")
        await pilot.until(lambda: screen_name(app) == "JumpScreen")
        assert app.screen.rows.current.key.endswith(f"hosts {host}")


async def test_jump_lists_what_comes_and_keeps_the_cursor_on_its_row():
    fleet = lab()
    async with running(fleet, size=(120, 40)) as (app, pilot):
        fleet.put(down("bravo"))
        await pilot.press("t")
        await pilot.until(lambda: screen_name(app) == "JumpScreen" and "not shown: bravo (not reached)" in text(app))
        await pilot.press("down")
        before, rows = app.screen.rows.current.key, [row.key for row in app.screen.rows.rows]
        fleet.put(snapshot("bravo", sessions=(session("newest", activity=NOW + 60),)))
        await pilot.until(lambda: "bravo:newest" in text(app))
        assert "not shown" not in text(app)
        assert app.screen.rows.current.key == before
        assert [row.key for row in app.screen.rows.rows if "bravo" not in row.key] == [
            r for r in rows if "bravo" not in r
        ]


async def test_jump_by_kind_and_nothing_found():
    async with running(lab()) as (app, pilot):
        await pilot.press("t", "tab")
        await pilot.until(lambda: "alpha/jup" not in text(app))
        assert "alpha:main" in text(app)
        await say(pilot, "zzz")
        await pilot.until(lambda: "Nothing matches" in text(app))
        await pilot.press("enter", "escape")
        assert screen_name(app) == "FleetScreen"


async def test_inspect_shows_json_as_it_is():
    async with running(lab()) as (app, pilot):
        await pilot.press("i", "i")
        await pilot.until(lambda: "[red]x[/red]" in text(app))
        await pilot.press("slash")
        await say(pilot, "name")
        await pilot.until(lambda: "Id" not in text(app))
        await pilot.press("enter", "escape", "escape", "escape")
        assert screen_name(app) == "FleetScreen"


async def test_jupyter_opens_the_browser_and_never_shows_the_token(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("o")
        await pilot.until(lambda: opened)
        (file,) = [Path(unquote(urlsplit(url).path)) for url in opened]
        assert "url=http://127.0.0.1:20002/lab?token=s3cret" in file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
        await pilot.until(lambda: any("opened http://127.0.0.1:20002/lab" in toast for toast in toasts(app)))
        assert not any("s3cret" in toast for toast in toasts(app))


async def test_of_several_notebook_servers_one_is_chosen(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    fleet = lab()
    fleet.servers = (JupyterServer(8888, root_dir="/work"), JupyterServer(8890, root_dir="/data"))
    async with running(fleet) as (app, pilot):
        await pilot.press("o")
        await pilot.until(lambda: "port 8890" in text(app))
        assert "/data" in text(app)
        await pilot.press("down", "enter")
        await pilot.until(lambda: opened)
    assert [call[2:] for call in fleet.calls if call[0] == "open_jupyter"] == [(), (8890,)]


async def test_jupyter_without_a_browser_copies_the_url(monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    async with running(lab()) as (app, pilot):
        await pilot.press("o")
        await pilot.until(lambda: app.copied)
        assert app.copied.endswith("token=s3cret")


async def test_why_a_tunnel_is_not_up_is_told_in_full():
    why = "alpha: 172.17.0.9:8888 can't be reached from there (connection refused), and no relay could be made inside"
    tunnel = Tunnel("t1", TunnelTarget("alpha", "torch-dev", 8888), 20002, "refuses", error=why, last_error=why)
    fine = Tunnel("t2", TunnelTarget("alpha", None, 80), 20003, "up")
    async with running(StubFleet(*lab().hosts.values(), tunnels=(tunnel, fine)), size=(80, 24)) as (app, pilot):
        await pilot.press("f")
        await pilot.until(lambda: "relay could be made inside" in " ".join(text(app).split()))
        await pilot.press("down")
        await pilot.until(lambda: "relay could be made inside" not in text(app))


async def test_tunnels_are_listed_copied_and_closed():
    tunnel = Tunnel(
        "t1",
        TunnelTarget("alpha", "torch-dev", 8888),
        20002,
        url="http://127.0.0.1:20002/lab?token=s3cret",
    )
    fleet = StubFleet(*lab().hosts.values(), tunnels=(tunnel,))
    async with running(fleet) as (app, pilot):
        await pilot.until(lambda: "1 tunnel" in text(app))
        await pilot.press("f")
        await pilot.until(lambda: "alpha/torch-dev:8888" in text(app))
        await pilot.press("y")
        assert app.copied == tunnel.url
        assert "s3cret" not in text(app)
        await pilot.press("D")
        await pilot.until(lambda: fleet.named("close_tunnel"))


async def test_a_new_tunnel_is_checked_before_it_is_opened():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("f", "n")
        await pilot.until(lambda: screen_name(app) == "NewTunnelScreen")
        assert app.screen.query_one("#target").value == "alpha/torch-dev:"
        await pilot.press("enter")
        await pilot.until(lambda: "a port is missing" in text(app))
        await say(pilot, "6006")
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("open_tunnel"))
        assert fleet.named("open_tunnel") == [("open_tunnel", TunnelTarget("alpha", "torch-dev", 6006), None)]
        await pilot.until(lambda: screen_name(app) == "TunnelScreen")


async def test_a_tunnel_behind_a_host_and_open_to_others_is_asked_about_first():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("f", "n")
        await pilot.until(lambda: screen_name(app) == "NewTunnelScreen")
        form = app.screen
        form.query_one("#to").value, form.query_one("#bind").value = "db:5432", "0.0.0.0"
        await pilot.press("enter")
        await pilot.until(lambda: "db is reached from a host, not from a container" in text(app))
        form.query_one("#target").value = "alpha:8888"
        await pilot.press("enter")
        await pilot.until(lambda: "alpha:8888 names a port already" in text(app))
        form.query_one("#target").value = "alpha"
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        assert "OPEN alpha TO OTHER MACHINES?" in text(app)
        assert "gpuws tunnel alpha --to db:5432 --bind 0.0.0.0 --keep" in text(app)
        await pilot.press("n")
        await pilot.until(lambda: app.screen is form)
        assert not fleet.named("open_tunnel")
        await pilot.press("enter")
        await pilot.until(lambda: screen_name(app) == "ConfirmScreen" and app.screen.seen)
        await pilot.press("y")
        await pilot.until(lambda: fleet.named("open_tunnel"))
        assert fleet.named("open_tunnel") == [
            ("open_tunnel", TunnelTarget("alpha", None, 5432, to="db"), None, "0.0.0.0")
        ]
        await pilot.until(lambda: screen_name(app) == "TunnelScreen")


async def test_a_new_tunnel_to_a_host_that_is_down_waits_for_it():
    fleet = StubFleet(down())
    async with running(fleet) as (app, pilot):
        await pilot.press("f", "n")
        await pilot.until(lambda: screen_name(app) == "NewTunnelScreen")
        app.screen.query_one("#target").value = f"{down().name}/never-seen:6006"
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("open_tunnel"))
        target = TunnelTarget(down().name, "never-seen", 6006)
        assert fleet.named("open_tunnel") == [("open_tunnel", target, None)]


async def test_reconnect():
    fleet = StubFleet(down())
    async with running(fleet) as (_, pilot):
        await pilot.press("ctrl+r")
        await pilot.until(lambda: fleet.named("reconnect"))


async def test_nothing_reachable_is_said():
    async with running(StubFleet(down())) as (app, pilot):
        await pilot.press("a")
        await pilot.until(lambda: any("did not answer" in toast for toast in toasts(app)))


async def test_a_process_leads_to_its_container():
    held = gpu(0, user="alice", name="torch-dev", kind="container", used=70, mine=True)
    fleet = StubFleet(snapshot("alpha", gpus=(held,), workspaces=(container(),)))
    async with running(fleet, pump=opening([])) as (_, pilot):
        await pilot.press("1", "a")
        assert fleet.named("attach")[0][1] == TORCH


# q


async def test_quit_ends_at_once():
    fleet = lab()
    fleet.blocked = {"start", "profiles", "act"}
    async with running(fleet, settled=False) as (app, pilot):
        await pilot.until(lambda: fleet.named("start"))
        await pilot.press("q")
        await pilot.until(lambda: app._exit)
        assert app.return_value == 0
    fleet.close()


async def test_a_stopped_container_is_not_entered_and_its_host_neither():
    fleet = lab()
    async with running(fleet, pump=opening([])) as (app, pilot):
        await pilot.press("2", "j", "a", "s", "o")
        await pilot.until(lambda: sum("old is exited: start it first" in toast for toast in toasts(app)) == 3)
        assert not fleet.named("attach")
        assert not fleet.named("interactive")


async def test_keys_on_a_tunnel_are_about_the_tunnel(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    tunnel = Tunnel("t1", TunnelTarget("alpha", "torch-dev", 8888), 20002, workspace="torch-dev-id")
    fleet = StubFleet(*lab().hosts.values(), tunnels=(tunnel,))
    async with running(fleet) as (app, pilot):
        await pilot.until(lambda: app.state.tunnels)
        await pilot.press("5", "o")
        await pilot.until(lambda: opened and "127.0.0.1:20002/" in Path(urlsplit(opened[0]).path).read_text())
        await pilot.press("S", "K")
        await pilot.until(lambda: sum("D closes a tunnel" in toast for toast in toasts(app)) == 2)
        await pilot.press("D")
        await pilot.until(lambda: fleet.named("close_tunnel") == [("close_tunnel", "t1")])
        assert screen_name(app) == "FleetScreen"


async def test_a_session_is_killed_never_removed_with_its_container():
    async with running(lab()) as (app, pilot):
        await pilot.press("3", "j", "D")
        await pilot.until(lambda: any("K kills a tmux session" in toast for toast in toasts(app)))
        assert screen_name(app) == "FleetScreen"


async def test_a_double_click_opens_once():
    fleet = lab()
    terminals = []
    async with running(fleet, pump=opening(terminals)) as (_, pilot):
        await pilot.press("3")
        await pilot.click("PanelTable", offset=(4, 1), times=2)
        await pilot.until(lambda: terminals)
        assert len(fleet.named("attach")) == 1


def test_on_a_read_only_host_only_what_can_be_done_there_is_offered():
    alpha = lab().hosts["alpha"]
    session = next(one for one in alpha.sessions if one.container is None)
    for selection, shut in (
        (Selection(replace(alpha, readonly=True), session=session), {"shell", "kill"}),
        (
            Selection(replace(alpha, readonly=True), container=alpha.workspaces[0]),
            {"attach", "shell", "stop", "remove"},
        ),
    ):
        context = Context(TestApp(lambda: None, lambda _: 0), selection)
        refused = {one.id for one in offered(context) if one.why_not(context) == "alpha is read-only"}
        assert refused >= shut
        assert not refused & {"logs", "inspect", "copy"}
        assert ("attach" in refused) is ("attach" in shut)
