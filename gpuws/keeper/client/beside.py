"""What runs beside a stream's bytes, over the connection that it was asked for by."""

from __future__ import annotations

import contextlib

from gpuws.keeper.wire.failures import as_error
from gpuws.keeper.wire.framing import Broken, Wire
from gpuws.keeper.wire.messages import Ended, FromKeeper, Resize
from gpuws.model.errors import Unreachable
from gpuws.model.terminal import Size
from gpuws.quick.streams import End


class WireBeside:
    """Implements `streams.Beside`."""

    def __init__(self, wire: Wire[FromKeeper]) -> None:
        self._wire = wire

    def resize(self, columns: int, rows: int) -> None:
        try:
            self._wire.send(Resize(Size(columns, rows)))
        except Broken as broken:
            raise Unreachable("the keeper is gone") from broken

    def ended(self, timeout: float | None) -> End | None:
        with contextlib.suppress(Broken):
            message = self._wire.receive(timeout)
            if isinstance(message, Ended):
                return End(message.status, as_error(message.failure) if message.failure else None)
        return None

    def close(self) -> None:
        self._wire.close()
