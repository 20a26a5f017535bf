"""The keys of the interface: all bound, each id once, all documented."""

from gpuws.tui.app import GpuwsApp
from gpuws.tui.command import Commanded
from gpuws.tui.custom.commands import PREFIX
from gpuws.tui.every_key import every_key, unknown
from scripts import keys
from tests.tui.driving import running
from tests.tui.lab import lab

HOME = [
    "j", "k", "up", "down", "g", "G", "left", "right", "enter", "escape", "slash", "colon", "ctrl+p", "question_mark",
    "tab", "1", "2", "3", "4", "5", "6", "z", "n", "a", "s", "l", "t", "o", "f", "p", "i", "y", "x", "m", "v", "r", "w",
    "S", "R", "K", "D", "I", "H", "A", "ctrl+r", "q",
]  # fmt: skip

KEYS = [command for _, command in every_key(GpuwsApp)]


def test_ids_are_unique_and_every_key_is_explained():
    assert len({command.id for command in KEYS}) == len(KEYS)
    assert all(command.help and command.label for command in KEYS)


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
        "host-remove",
    }
    assert all(command.keys.isupper() for command in KEYS if command.id in harm)
    assert harm <= {command.id for command in KEYS}


async def test_every_key_of_the_interface_is_live():
    async with running(lab()) as (app, pilot):
        active = app.screen.active_bindings
        assert [key for key in HOME if key not in active] == []
        await pilot.press("slash", "f", "enter")
        await pilot.pause()
        bound = {key: each.binding.id for key, each in app.screen.active_bindings.items()}
        assert (bound["right_square_bracket"], bound["n"]) == ("next-match", "launch")
        await pilot.press("escape", "2")
        await pilot.pause()
        assert app.screen.active_bindings["space"].binding.id == "mark"


def test_what_is_no_keys_id_is_said_with_the_nearest_one():
    assert unknown({"launch": "L", "gpu-back": "b"}, GpuwsApp) == []
    assert unknown({"lanch": "L"}, GpuwsApp) == ["keys: 'lanch' is no key's id; did you mean 'launch'?"]


def test_all_that_has_keys_is_told():
    """Whoever adds a screen with keys names it where all keys are collected."""
    told = {command.id for _, command in every_key(GpuwsApp)}
    owners, found = [Commanded], set()
    while owners:
        owner = owners.pop()
        owners += owner.__subclasses__()
        found |= {command.id for command in owner.KEYS if command.keys and not command.id.startswith(PREFIX)}
    assert found == told


def test_the_documentation_has_the_keys_as_they_are():
    """`python -m scripts.keys` writes the page anew."""
    assert keys.PAGE.read_text(encoding="utf-8") == keys.page()
