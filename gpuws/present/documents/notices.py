"""What was told, as `gpuws notify` prints it as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gpuws.model.units import timestamp

if TYPE_CHECKING:
    from gpuws.model.notice.record import Delivery, Told
    from gpuws.model.notice.trial import Tried
    from gpuws.present.documents.fields.notices import DeliveryRow, NoticeRow, NoticesDocument, TriedDocument


def told(every: Sequence[Told]) -> NoticesDocument:
    return {"notices": [_notice(one) for one in every]}


def _notice(one: Told) -> NoticeRow:
    notice = one.notice
    return {
        "id": notice.id,
        "kind": notice.kind,
        "host": notice.host or None,
        "subject": notice.subject or None,
        "sentence": notice.sentence,
        "when": timestamp(notice.when),
        "mine": notice.mine,
        "level": notice.level,
        "of": list(notice.of),
        "deliveries": [_delivery(each) for each in one.deliveries],
    }


def _delivery(one: Delivery) -> DeliveryRow:
    return {
        "to": one.to,
        "at": timestamp(one.at),
        "error": one.error or None,
        "given_up": one.given_up,
        "within": one.within or None,
    }


def tried(every: Sequence[Tried]) -> TriedDocument:
    return {
        "receivers": [
            {
                "receiver": one.receiver,
                "seconds": round(one.seconds, 3),
                "error": None if one.error is None else str(one.error),
            }
            for one in every
        ]
    }
