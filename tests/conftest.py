import signal

from hypothesis import settings

from tests.lab.fixture import lab

__all__ = ["lab"]

# A busy machine is no finding; in CI hypothesis' own profile also makes the examples the same every time.
settings.register_profile("gpuws", settings.default, deadline=None)
settings.load_profile("gpuws")

# Started in the background, as by a CI runner, the tests and all they start would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
