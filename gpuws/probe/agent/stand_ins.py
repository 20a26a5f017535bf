"""What pynvml takes of large modules of the standard library, which would be a quarter of the agent."""

import _thread
import sys

Namespace = type(sys.implementation)

threading = Namespace(Lock=_thread.allocate_lock)
string = Namespace(capwords=lambda text, sep: sep.join(word.capitalize() for word in text.split(sep)))


def wraps(_):
    return lambda function: function
