"""A notice to an address on the web: one POST. The address may itself be a secret, and is never said."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from gpuws.model.notice.notice import Notice
from gpuws.model.notice.wishes import Webhook
from gpuws.notices.failure import NotDelivered
from gpuws.notices.payload import as_body, as_json

PASSING = frozenset({408, 425, 429})
"""Of the answers that blame the sender those that say: later."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """What was to go to one address does not go to another."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(webhook: Webhook, notice: Notice) -> None:
    """Returns once it was taken. `NotDelivered` says why not."""
    name = urlsplit(webhook.url).hostname or "the address"
    data = as_json(notice) if webhook.body is None else as_body(notice, webhook.body)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "gpuws",
        "Idempotency-Key": notice.id,
        **webhook.headers,
        **_authorization(webhook),
    }
    request = urllib.request.Request(webhook.url, data, headers, method="POST")
    try:
        urllib.request.build_opener(_Stay).open(request, timeout=webhook.timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
        final = error.code < 500 and error.code not in PASSING
        raise NotDelivered(f"{name} answered {error.code}", _remedy(error.code), final=final) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"{name} can't be reached: {_reason(error)}") from None


def _authorization(webhook: Webhook) -> dict[str, str]:
    if webhook.token_file is None:
        return {}
    try:
        token = webhook.token_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise NotDelivered(f"{webhook.token_file} can't be read: {why}", "it holds the webhook's token") from None
    if not token.isascii() or not token.isprintable():
        raise NotDelivered(f"{webhook.token_file} holds no token", "one line of plain letters is expected")
    return {"Authorization": f"Bearer {token}"}


def _remedy(code: int) -> str:
    if 300 <= code < 400:
        return "it leads elsewhere, which is not followed: write the address that it leads to"
    if code in (401, 403):
        return "look at its token_file or headers"
    return "look at the webhook's address in config.yaml" if code in (404, 410) else ""


def _reason(error: BaseException) -> str:
    """Without the address, which some words of the library repeat."""
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError | socket.timeout):
        return "no answer in time"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return type(inner).__name__
