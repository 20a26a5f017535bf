"""Why a notice did not arrive."""

from __future__ import annotations

from gpuws.model.errors import GpuwsError


class NotDelivered(GpuwsError):
    """`final`: trying again changes nothing."""

    def __init__(self, message: str, remedy: str = "", *, final: bool = False) -> None:
        super().__init__(message, remedy)
        self.final = final
