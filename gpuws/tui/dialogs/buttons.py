"""Buttons, as all dialogs draw them: in brackets, so that they are buttons without colours, too."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Button

from gpuws.model.text import plain

Kind = Literal["default", "primary", "warning", "error"]


def button(label: str, name: str, kind: Kind = "default", *, disabled: bool = False) -> Button:
    """`name`: its id. `kind`: what it does: nothing much, what the dialog is for, what asks for care, harm."""
    return Button(Content(f"[ {plain(label, 40)} ]"), id=name, variant=kind, compact=True, disabled=disabled)
