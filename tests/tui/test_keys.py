"""The keys of the interface: all bound, each id once, all documented."""

import pytest

from gpuws.tui.keys import BY_ID, KEYS
from gpuws.tui.screens.fleet import FleetScreen
from tests.tui.driving import running
from tests.tui.lab import lab

HOME = [
    "j", "k", "up", "down", "g", "G", "left", "right", "enter", "escape", "slash", "colon", "ctrl+p", "question_mark",
    "tab", "1", "2", "3", "4", "5", "6", "z", "n", "a", "s", "l", "t", "o", "f", "p", "i", "y", "x", "m", "v", "r", "w",
    "S", "R", "K", "D", "I", "ctrl+r", "q",
]  # fmt: skip


def test_ids_are_unique_and_every_key_is_explained():
    assert len(BY_ID) == len(KEYS)
    assert all(key.tooltip and key.label for key in KEYS)


def test_lower_case_never_destroys():
    harm = {
        "stop",
        "restart",
        "kill",
        "remove",
        "tunnel-close",
        "task-cancel",
        "image-remove",
        "image-prune",
        "drift-recreate",
    }
    assert all(BY_ID[name].keys.isupper() for name in harm)


async def test_every_key_of_the_interface_is_live():
    async with running(lab()) as (app, pilot):
        active = app.screen.active_bindings
        assert [key for key in HOME if key not in active] == []
        await pilot.press("slash", "f", "enter")
        await pilot.pause()
        bound = {key: each.binding.id for key, each in app.screen.active_bindings.items()}
        assert (bound["n"], bound["N"]) == ("next-match", "previous-match")
        await pilot.press("escape", "2")
        await pilot.pause()
        assert app.screen.active_bindings["space"].binding.id == "mark"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_action_has_its_method(key):
    from gpuws.tui.app import GpuwsApp
    from gpuws.tui.screens import (
        actions,
        capture,
        confirm,
        doctor,
        drift,
        gpu,
        images,
        inspect,
        jump,
        launch,
        logs,
        new_profile,
        question,
        tasks,
        text,
        trust,
        tunnels,
    )
    from gpuws.tui.widgets import filter_bar, first_run, fleet_list, gpu_picker, panel

    owners = {
        "scroll": fleet_list.FleetList,
        "list": fleet_list.FleetList,
        "fleet": fleet_list.FleetList,
        "panel": panel.PanelTable,
        "home": FleetScreen,
        "app": GpuwsApp,
        "dialog": question.QuestionScreen,
        "choice": actions.ActionScreen,
        "text": text.TextScreen,
        "logs": logs.LogScreen,
        "gpu": gpu.GpuScreen,
        "tunnels": tunnels.TunnelScreen,
        "tasks": tasks.TaskScreen,
        "launch": launch.LaunchScreen,
        "images": images.ImageScreen,
        "drift": drift.DriftScreen,
        "doctor": doctor.DoctorScreen,
        "form": new_profile.NewProfileScreen,
        "capture": capture.CaptureScreen,
        "inspect": inspect.InspectScreen,
        "trust": trust.TrustScreen,
        "jump": jump.JumpScreen,
        "ticks": first_run.TickList,
        "picker": gpu_picker.GpuPicker,
        "confirm": confirm.ConfirmScreen,
        "said": confirm.ConfirmScreen,
        "filter": filter_bar.FilterBar,
    }
    owner = GpuwsApp if key.action.startswith("app.") else owners[key.where]
    name = key.action.removeprefix("app.").split("(")[0]
    assert hasattr(owner, f"action_{name}"), (owner, name)
