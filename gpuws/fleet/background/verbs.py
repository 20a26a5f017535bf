"""Which methods of a fleet become tasks: those that report progress and can be cancelled, by one decorator."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from gpuws.model.task import LABEL

if TYPE_CHECKING:
    from gpuws.model.task import Task

K = TypeVar("K", bound=type)
MEANWHILE = ("report", "cancel")
"""Arguments that are called or set while the verb works."""
ATTENDED = frozenset({"try_host", "follow_task", "disk_usage", "verify"})
"""Done for who asks alone: they end with the program that asked."""

_doing = threading.local()


def in_background(fleet: K) -> K:
    """Each long verb of the class `fleet` becomes a task of its `_book()`: it goes on although its caller goes."""
    for name in dir(fleet):
        method = getattr(fleet, name)
        if not name.startswith("_") and name not in ATTENDED and is_long(method):
            setattr(fleet, name, _as_task(name, method))
    return fleet


def is_long(method: Any) -> bool:
    code = getattr(method, "__code__", None)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    return set(MEANWHILE) <= set(names)


def current_task() -> Task | None:
    """The one that this thread works for."""
    return getattr(_doing, "task", None)


def mark() -> Mapping[str, str]:
    """Labels for what this thread's task makes: whoever comes after finds it by them."""
    task = current_task()
    return {} if task is None else {LABEL: task.mark}


@contextmanager
def working_for(task: Task) -> Iterator[None]:
    _doing.task = task
    try:
        yield
    finally:
        _doing.task = None


def _as_task(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def begun(self: Any, *args: Any, **kwargs: Any) -> Any:
        if current_task() is not None:  # a part of another one
            return method(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        given = dict(list(bound.arguments.items())[1:])
        report, cancel = (given.pop(one) for one in MEANWHILE)
        return self._book().do(name, given, report, cancel)

    return begun
