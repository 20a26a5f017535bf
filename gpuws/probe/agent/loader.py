"""Second stage on the host: takes the agent's modules from stdin and lets them be imported from memory.

Not a module of the agent itself: its text is run by the first stage, with a call of `run` behind it."""

import sys
import zlib
from importlib.machinery import ModuleSpec


class Sent:
    """Imports from what was sent; a module stays compressed until it is wanted."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, *_):
        if name not in self.modules:
            return None
        return ModuleSpec(name, self, is_package=any(other.startswith(name + ".") for other in self.modules))

    def create_module(self, _):
        return None

    def exec_module(self, module):
        source = zlib.decompress(self.modules.pop(module.__name__))
        exec(compile(source, module.__name__ + ".py", "exec"), module.__dict__)


def run(sizes, options):
    """`sizes`: names and compressed sizes of the modules, in the order in which they follow on stdin."""
    sys.meta_path.insert(0, Sent({name: sys.stdin.buffer.read(size) for name, size in sizes}))
    from agent.main import main

    main(options)
