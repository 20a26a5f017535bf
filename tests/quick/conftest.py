"""The keeper that the quick road leads to."""

from tests.keeper.conftest import short_path

__all__ = ["short_path"]
