import signal

from tests.lab.fixture import lab

__all__ = ["lab"]

# Started in the background, as by a CI runner, the tests and all they start would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
