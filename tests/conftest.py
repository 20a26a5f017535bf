from tests.lab.fixture import lab

__all__ = ["lab"]
