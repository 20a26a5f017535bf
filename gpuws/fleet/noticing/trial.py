"""A test of where notices go: each receiver once, all at the same time."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from gpuws.model.notice.notice import Notice, identity
from gpuws.model.notice.trial import Tried
from gpuws.model.notice.wishes import Receiver
from gpuws.model.task import Why
from gpuws.notices.failure import NotDelivered
from gpuws.notices.outbox import deliver

SENTENCE = "gpuws: this is a test; what happens on your hosts is told like this"


def trial_notice(now: float) -> Notice:
    return Notice(identity("test", uuid.uuid4()), "test", "", "", SENTENCE, now, True)


def try_all(notice: Notice, receivers: Mapping[str, Receiver]) -> tuple[Tried, ...]:
    """In the order of the configuration."""
    if not receivers:
        return ()
    with ThreadPoolExecutor(len(receivers)) as pool:
        return tuple(pool.map(lambda named: _try(named[0], named[1], notice), receivers.items()))


def _try(name: str, receiver: Receiver, notice: Notice) -> Tried:
    began = time.monotonic()
    try:
        deliver(receiver, notice)
    except NotDelivered as error:
        return Tried(name, time.monotonic() - began, Why(error.message, error.remedy))
    return Tried(name, time.monotonic() - began)
