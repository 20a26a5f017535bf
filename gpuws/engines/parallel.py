"""Several calls at a time, in daemon threads: an engine that hangs must not hold up quitting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(function: Callable[[Item], Result], items: Sequence[Item], at_once: int) -> list[Result]:
    """`function` of every item, in their order. The first error ends it, and is raised."""
    if len(items) <= 1:
        return [function(item) for item in items]
    work = _Work(function, iter(enumerate(items)))
    threads = [
        threading.Thread(target=work.run, name="engine call", daemon=True) for _ in range(min(at_once, len(items)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if work.error is not None:
        raise work.error
    return [work.results[index] for index in range(len(items))]


@dataclass(slots=True)
class _Work(Generic[Item, Result]):
    function: Callable[[Item], Result]
    left: Iterator[tuple[int, Item]]
    results: dict[int, Result] = field(default_factory=dict)
    error: BaseException | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        while True:
            with self.lock:
                index, item = next(self.left, (-1, None))
                if item is None or self.error is not None:
                    return
            try:
                self.results[index] = self.function(item)
            except BaseException as error:  # noqa: BLE001  raised again by `each`
                self.error = error
