"""What may be typed as an ssh destination. Pure."""

from __future__ import annotations

from gpuws.model.errors import UsageError
from gpuws.model.host.address import Address, parse_address
from gpuws.model.text import plain


def parse(written: str) -> Address:
    """`[user@]host[:port]` or `ssh://[user@]host[:port]`; UsageError for what ssh would not take either."""
    try:
        return parse_address(written.strip())
    except ValueError as error:
        raise UsageError(f"{plain(written, 100)!r} is not an ssh destination", "write [user@]host[:port]") from error
