"""Hosts on the screen: what is offered in the beginning, and adding, editing, trying, removing one."""

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.model.errors import UsageError
from gpuws.model.host.configured import LeftOut
from gpuws.model.host.host import Host, HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.present.line import text_of
from gpuws.present.tables.hosts import ssh_command
from gpuws.present.trial import steps
from gpuws.tui.hosts.draft import Draft
from gpuws.tui.hosts.ticks import TickList
from tests.factories import snapshot
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import StubFleet, down, lab

MANY = tuple(f"gpu-{number:02}" for number in range(12))


def name_of(app):
    return type(app.screen).__name__


def alone(*aliases):
    return StubFleet(snapshot("local"), candidates=aliases)


async def form(app, pilot, address):
    """A new host in the form, with this address."""
    await pilot.until(lambda: name_of(app) == "HostForm")
    app.screen.query_one("#address").value = address
    await pilot.pause()


async def beginning(app, pilot):
    await pilot.until(lambda: app.screen.query("#first-run"))


# nothing is configured


async def test_without_aliases_a_welcome_offers_a_host_the_demo_and_the_first_steps():
    fleet = alone()
    async with running(fleet, size=(80, 24), settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.until(lambda: "Welcome to gpuws" in text(app))
        for words in ("Add a host", "Look at the demo", "First steps"):
            assert words in text(app)
        rows = text(app).splitlines()
        assert next(n for n, row in enumerate(rows) if "Welcome" in row) < 8, "right below this machine's row"
        await pilot.press("down", "down", "enter")
        await pilot.until(lambda: name_of(app) == "FirstStepsScreen" and "docker run" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: app.focused.id is None and "Welcome" in text(app))
        await pilot.press("up", "up", "enter")
        await pilot.until(lambda: name_of(app) == "HostForm")
        await pilot.press("escape", "escape")
        await pilot.until(lambda: not app.screen.query("#first-run"))
        assert {call[0] for call in fleet.calls} <= {"start", "configured", "watch"}, "nothing was dialled or written"


async def test_the_welcome_goes_when_a_host_comes_by_whatever_road():
    fleet = alone()
    async with running(fleet, size=(80, 24), settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.press("enter")
        await form(app, pilot, "gpu7")
        await pilot.press("enter")
        await pilot.until(lambda: name_of(app) == "FleetScreen" and not app.screen.query("#first-run"))
        await pilot.until(lambda: app.screen.list.has_focus and "gpu7" in text(app))


async def test_what_is_not_wanted_now_leaves_the_screen_as_it_is_without_it():
    async with running(alone("alpha"), size=(120, 40), settled=False) as (app, pilot):
        await beginning(app, pilot)
        assert not app.screen.panel.display
        await pilot.press("escape")
        await pilot.until(lambda: app.screen.panel.display and app.screen.list.has_focus)


async def test_what_is_wrong_with_a_host_leads_to_where_it_is_mended():
    fleet = lab()
    fleet.put(down("bravo"))
    async with running(fleet) as (app, pilot):
        app.screen.list.select(("bravo", ""))
        await pilot.press("enter")
        await pilot.until(lambda: name_of(app) == "NoticeScreen" and "A edit" in text(app))
        await pilot.press("A")
        await pilot.until(lambda: name_of(app) == "InventoryScreen" and app.screen.rows.current.key == "bravo")


async def test_the_demo_is_looked_at_and_left_as_one_goes_in_and_out(monkeypatch):
    ran = []
    monkeypatch.setattr("gpuws.tui.terminal.program.wait_for", lambda argv: ran.append(argv[1:]) or 0)
    async with running(alone(), settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.press("down", "enter")
        await pilot.until(lambda: ran == [["-m", "gpuws", "demo"]])
        await pilot.until(lambda: "Welcome" in text(app))


async def test_where_somebody_wrote_hosts_down_there_is_no_welcome():
    fleet = alone()
    fleet.configured = lambda: (
        fleet.calls.append(("configured",)) or type("", (), {"written": True, "hosts": (), "aliases": ()})
    )
    async with running(fleet, settled=False) as (app, pilot):
        await pilot.until(lambda: fleet.named("configured"))
        await pilot.pause()
        assert not app.screen.query("#first-run")


async def test_up_to_eight_aliases_are_ticked_beforehand_but_no_forges():
    fleet = alone("alpha", "github.com", "bravo")
    fleet.inspected["addresses"] = {"alpha": "ada@10.0.0.7:2222", "bravo": None}
    async with running(fleet, size=(80, 24), settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.until(lambda: "ada@10.0.0.7:2222" in text(app))
        assert "ssh does not accept what is written of it" in text(app)
        assert "3 hosts in your SSH configuration" in text(app)
        assert "☐ github.com" in text(app)
        assert "☑ alpha" in text(app)
        assert "Add 2 hosts" in text(app)
        await pilot.press("space", "enter")
        await pilot.until(lambda: fleet.named("add_hosts") == [("add_hosts", ("bravo",))])
        await pilot.until(lambda: not app.screen.query("#first-run") and "bravo" in text(app))


async def test_of_more_than_eight_none_is_ticked_and_the_one_under_the_cursor_is_added():
    fleet = alone(*MANY)
    async with running(fleet, settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.until(lambda: "Add gpu-00" in text(app))
        assert "☑" not in text(app)
        await pilot.press("down")
        await pilot.until(lambda: "Add gpu-01" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("add_hosts") == [("add_hosts", ("gpu-01",))])


async def test_all_none_and_the_filter():
    fleet = alone(*MANY, "github.com")
    async with running(fleet, settled=False) as (app, pilot):
        await beginning(app, pilot)
        ticks = app.screen.query_one(TickList)
        await pilot.press("a")
        await pilot.until(lambda: ticks.ticked == set(MANY))
        await pilot.press("a")
        await pilot.until(lambda: ticks.ticked == set())
        await pilot.press("slash")
        await say(pilot, "-1")
        await pilot.press("enter")
        await pilot.until(lambda: ticks.has_focus and len(ticks.rows) == 2)
        await pilot.press("a")
        await pilot.until(lambda: "Add 2 hosts" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: len(ticks.rows) == len(MANY) + 1)
        assert ticks.ticked == {"gpu-10", "gpu-11"}


async def test_tab_reaches_the_buttons_and_comes_back():
    fleet = alone("alpha", "bravo")
    async with running(fleet, settled=False) as (app, pilot):
        await beginning(app, pilot)
        seen = []
        for _ in range(3):
            await pilot.press("tab")
            seen.append(app.focused.id or "list")
        assert seen == ["add", "later", "list"]
        await pilot.press("shift+tab", "enter")
        await pilot.until(lambda: not app.screen.query("#first-run"))
        assert not fleet.named("add_hosts")


# the inventory


async def test_a_lists_the_hosts_with_where_they_lead():
    async with running(lab()) as (app, pilot):
        await pilot.press("A")
        await pilot.until(lambda: name_of(app) == "InventoryScreen" and "alice@alpha.lab.example" in text(app))


async def test_a_host_is_added_from_its_address_alone():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "a")
        await form(app, pilot, "ada@gpu7.lab.example:2222")
        await pilot.until(lambda: "$ ssh -p 2222 ada@gpu7.lab.example" in text(app))
        await pilot.press("enter")
        wanted = Host("gpu7", hostname="gpu7.lab.example", user="ada", port=2222)
        await pilot.until(lambda: fleet.named("save_host") == [("save_host", wanted, None)])
        await pilot.until(lambda: name_of(app) == "InventoryScreen" and "gpu7" in text(app))


async def test_a_host_is_edited_and_what_is_wrong_is_said_where_it_is_typed():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "enter")
        await pilot.until(lambda: name_of(app) == "HostForm")
        await say(pilot, "10.0.0.7:x")
        await pilot.press("enter")
        await pilot.until(lambda: "expected [user@]host[:port]" in text(app) and app.screen.query_one("#why").display)
        assert not fleet.named("save_host")
        await pilot.press("backspace", "2", "2")
        fleet.fail["save_host"] = UsageError("alpha can't be edited from here", "edit it by hand")
        await pilot.press("ctrl+s")
        await pilot.until(lambda: "edit it by hand" in text(app))
        fleet.fail.clear()
        await pilot.press("ctrl+s")
        wanted = Host("alpha", hostname="10.0.0.7", port=22)
        await pilot.until(lambda: fleet.named("save_host")[-1] == ("save_host", wanted, "alpha"))


async def test_a_host_is_removed_once_that_is_meant():
    fleet = lab()
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "D")
        await pilot.until(lambda: "Remove alpha from the fleet?" in text(app))
        assert "gpuws hosts rm alpha" in text(app)
        await pilot.press("enter")
        await pilot.until(lambda: name_of(app) == "InventoryScreen")
        assert not fleet.named("remove_host")
        await pilot.press("D", "y")
        await pilot.until(lambda: fleet.named("remove_host") == [("remove_host", "alpha")])
        await pilot.until(lambda: "alpha" not in text(app))


async def test_a_host_from_elsewhere_is_changed_there():
    fleet = lab()
    listed = fleet.configured()
    one = listed.hosts[0]
    fleet.configured = lambda: type(listed)(listed.file, True, (type(one)(one.host, "gpu-[1-2] in /lab.yaml:3:3"),))
    async with running(fleet) as (app, pilot):
        await pilot.press("A")
        await pilot.until(lambda: name_of(app) == "InventoryScreen")
        for key in ("enter", "D"):
            await pilot.press(key)
            await pilot.until(lambda: "alpha comes from gpu-[1-2] in /lab.yaml:3:3: edit it there" in toasts(app))
            app.clear_notifications()
        assert name_of(app) == "InventoryScreen"


async def test_aliases_are_taken_from_the_inventory():
    fleet = lab()
    fleet._candidates = ("new", "newer")
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "i")
        await pilot.until(lambda: name_of(app) == "ImportScreen" and "Add 2 hosts" in text(app))
        await pilot.press("enter")
        await pilot.until(lambda: fleet.named("add_hosts") == [("add_hosts", ("new", "newer"))])
        await pilot.until(lambda: name_of(app) == "InventoryScreen")


ODD = tuple(LeftOut(f"gpu-{number}*", "it is a pattern") for number in range(6))


async def test_what_an_import_leaves_out_is_named_with_the_reason():
    fleet = lab()
    fleet._candidates, fleet.left_out = ("new",), ODD[:2]
    async with running(fleet, size=(80, 24)) as (app, pilot):
        await pilot.press("A", "i")
        await pilot.until(lambda: name_of(app) == "ImportScreen" and "left out: gpu-1*: it is a pattern" in text(app))
        assert "Add new" in text(app)


async def test_on_the_first_screen_what_is_left_out_leaves_room_for_the_buttons():
    fleet = alone(*MANY)
    fleet.left_out = ODD
    async with running(fleet, size=(80, 24), settled=False) as (app, pilot):
        await beginning(app, pilot)
        await pilot.until(lambda: "and 3 more: gpuws hosts import" in text(app))
        await pilot.until(lambda: "Add gpu-00" in text(app) and "Not now" in text(app))
        assert "left out: gpu-2*: it is a pattern" in text(app)


async def test_where_all_is_left_out_the_key_says_why():
    fleet = lab()
    fleet.left_out = ODD
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "i")
        why = "your SSH configuration has no other hosts that could be one (gpu-0*: it is a pattern)"
        await pilot.until(lambda: why in toasts(app))


# a test


async def test_a_test_shows_its_steps_and_ends_in_saving():
    fleet = lab()
    up = snapshot("gpu7", gpus=lab().hosts["alpha"].gpus)
    fleet.inspected["trial"] = (HostSnapshot("gpu7", phase="resolving"), HostSnapshot("gpu7", phase="logging in"), up)
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "a")
        await form(app, pilot, "gpu7.lab.example")
        await pilot.press("ctrl+t")
        await pilot.until(lambda: name_of(app) == "TrialScreen" and "3 GPUs, 1 free" in text(app))
        assert not fleet.named("save_host")
        assert app.focused.id == "save"
        await pilot.press("enter")
        wanted = Host("gpu7", hostname="gpu7.lab.example")
        await pilot.until(lambda: fleet.named("save_host") == [("save_host", wanted, None)])
        assert fleet.named("try_host") == [("try_host", wanted, None)]


async def test_a_test_that_fails_says_why_in_full_and_can_be_done_again():
    fleet = lab()
    refused = HostSnapshot(
        "alpha", HostState.AUTH_FAILED, error="the server refused every login: tried 2 keys", remedy="ssh-copy-id alpha"
    )
    fleet.inspected["trial"] = (HostSnapshot("alpha", phase="logging in"), refused)
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "t")
        await pilot.until(lambda: "✗ logging in" in text(app))
        assert "the server refused every login: tried 2 keys" in text(app)
        assert "→ ssh-copy-id alpha" in text(app)
        await pilot.press("y")
        assert app.copied == "ssh alpha"
        await pilot.press("r")
        await pilot.until(lambda: len(fleet.named("try_host")) == 2)
        await pilot.press("enter")
        await pilot.until(lambda: name_of(app) == "InventoryScreen")


async def test_sshs_own_words_are_one_key_away_and_the_demo_dials_nothing(monkeypatch):
    ran = []
    monkeypatch.setattr("gpuws.tui.terminal.program.run_program", lambda app, argv, *, stay: ran.append((argv, stay)))
    async with running(lab()) as (app, pilot):
        await pilot.press("A", "t")
        await pilot.until(lambda: name_of(app) == "TrialScreen")
        await pilot.press("s")
        assert ran == [(["ssh", "-v", "alpha", "exit"], True)]
        app.demo = True
        await pilot.press("s")
        await pilot.until(lambda: "the demo dials nothing" in toasts(app))
        assert len(ran) == 1


async def test_a_test_that_is_left_is_stopped():
    fleet = lab()
    stopped = []

    def forever(host, was, report, cancel):
        report(HostSnapshot(host.name, phase="connecting"))
        stopped.append(cancel.wait(20))
        return HostSnapshot(host.name)

    fleet.try_host = forever
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "t")
        await pilot.until(lambda: "◐ connecting" in text(app))
        await pilot.press("escape")
        await pilot.until(lambda: stopped == [True])


async def test_the_demo_has_the_same_screens():
    fleet = DemoFleet(tick=0)
    async with running(fleet) as (app, pilot):
        await pilot.press("A", "a")
        await form(app, pilot, "new.lab.example")
        await pilot.press("ctrl+t")
        await pilot.until(lambda: "NVIDIA H200" in text(app) and app.focused.id == "save")
        await pilot.press("enter", "escape")
        await pilot.until(lambda: "new" in app.state.hosts)
    fleet.close()


# rules


@pytest.mark.parametrize(
    ("draft", "host"),
    [
        (Draft("alpha"), Host("alpha")),
        (Draft("", "alpha"), Host("alpha")),
        (Draft("ada@gpu1.lab.example:2222"), Host("gpu1", hostname="gpu1.lab.example", user="ada", port=2222)),
        (Draft("10.0.0.7"), Host("10.0.0.7")),
        (Draft("10.0.0.7", "big"), Host("big", hostname="10.0.0.7")),
        (Draft("[fe80::1]:22", "six"), Host("six", hostname="fe80::1", port=22)),
        (Draft("ada@alpha"), Host("alpha", hostname="alpha", user="ada")),
        (Draft("a", tags="x, y z", jump="b", identity_file="~/.ssh/k"),
         Host("a", tags=("x", "y", "z"), jump="b", identity_file="~/.ssh/k")),
    ],
)  # fmt: skip
def test_what_is_typed_is_a_host(draft, host):
    assert draft.host() == host
    assert Draft.of(host).host(host) == host


@pytest.mark.parametrize(
    ("draft", "why"), [(Draft(), "needs an address"), (Draft("a b"), "address 'a b'"), (Draft("[fe80::1]"), "needs")]
)
def test_what_is_no_host_says_why(draft, why):
    with pytest.raises(UsageError, match=why):
        draft.host()


def test_other_keys_of_a_host_stay():
    before = Host("a", readonly=True, vars={"s": "/s"})
    assert Draft("10.0.0.7", "a").host(before) == Host("a", hostname="10.0.0.7", readonly=True, vars={"s": "/s"})


def test_the_way_there_is_a_line_for_a_shell():
    host = Host("a", hostname="10.0.0.7", user="ada", port=22, jump="b", identity_file="~/my keys/k")
    assert ssh_command(host) == "ssh -J b -i ~/'my keys/k' -p 22 ada@10.0.0.7"


@pytest.mark.parametrize(
    ("seen", "over", "shown"),
    [
        ([], False, ["◐ asking for it"]),
        ([HostSnapshot("a", phase="resolving"), HostSnapshot("a", phase="connecting")], False,
         ["✓ resolving", "◐ connecting"]),
        ([HostSnapshot("a", HostState.ASKING, "waiting for you")], False, ["⚠ waiting for you"]),
        ([HostSnapshot("a", phase=phase) for phase in ("connecting", "resolving", "connecting")], False,
         ["✓ resolving", "◐ connecting"]),
        ([HostSnapshot("a", phase=phase) for phase in ("resolving", "waiting for you", "logging in")], False,
         ["✓ resolving", "◐ logging in"]),
        ([HostSnapshot("a", phase="connecting"), HostSnapshot("a", HostState.DOWN, error="x")], True, ["✗ connecting"]),
        ([HostSnapshot("a", HostState.DOWN, error="x")], True, ["✗ down"]),
        ([HostSnapshot("a", phase="logging in"), HostSnapshot("a", HostState.UP, latency=0.02)], False,
         ["✓ logged in   20ms away", "◐ reading its GPUs", "◐ its engine"]),
    ],
)  # fmt: skip
def test_a_test_tells_its_steps(seen, over, shown):
    assert [text_of(line).rstrip() for line in steps(seen, over=over)] == shown
