"""What `gpuws notify --json` holds, field by field."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.notice.notice import Kind, Level
from gpuws.present.documents.fields.base import Time


class DeliveryRow(TypedDict):
    """A notice on its way to one receiver."""

    to: str
    """A receiver of config.yaml, or `screen`."""
    at: Time | None
    """When it arrived; null: not yet."""
    error: str | None
    """Why it did not, the last time."""
    given_up: bool
    within: str | None
    """The notice for several with which it went."""


class NoticeRow(TypedDict):
    """Something that happened, told once."""

    id: str
    """The same however often it is sent."""
    kind: Kind
    host: str | None
    subject: str | None
    """The name of what it happened to."""
    sentence: str
    when: Time | None
    mine: bool | None
    """null: it is nobody's."""
    level: Level
    of: list[str]
    """The notices that it stands for."""
    deliveries: list[DeliveryRow]


class NoticesDocument(TypedDict):
    """What happened in the last week, oldest first."""

    notices: list[NoticeRow]


class TriedRow(TypedDict):
    """How a test of a receiver went."""

    receiver: str
    seconds: float
    error: str | None


class TriedDocument(TypedDict):
    """How a test went."""

    receivers: list[TriedRow]
