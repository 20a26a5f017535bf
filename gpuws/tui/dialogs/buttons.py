"""Buttons, as all dialogs draw them: in brackets, so that they are buttons without colours, too."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Button

from gpuws.model.text import plain

Kind = Literal["default", "primary", "warning", "error"]


def button(text: str, name: str, kind: Kind = "default", *, disabled: bool = False) -> Button:
    """`name`: its id. `kind`: what it does: nothing much, what the dialog is for, what asks for care, harm."""
    return Button(label(text), id=name, variant=kind, compact=True, disabled=disabled)


def label(text: str) -> Content:
    """What stands on a button."""
    return Content(f"[ {plain(text, 40)} ]")
