"""The rules that a folder holds, to be compared with the table that asks them."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def written(folder: ModuleType, like: Callable[..., Any]) -> set[Callable[..., Any]]:
    """The public functions in the folder's files that take and give what `like` does."""
    files = (import_module(f"{folder.__name__}.{file.name}") for file in pkgutil.iter_modules(folder.__path__))
    return {
        rule
        for file in files
        for name, rule in inspect.getmembers(file, inspect.isfunction)
        if not name.startswith("_") and inspect.get_annotations(rule) == inspect.get_annotations(like)
    }
