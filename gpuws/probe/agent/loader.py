"""Second stage on the host: takes the agent's modules from stdin and lets them be imported from memory.

Not a module of the agent itself: its text is run by the first stage, with a call of `run` behind it."""

import marshal
import os
import sys
import zlib

ModuleSpec = type(sys.__spec__)  # importlib.machinery has it too, and brings much with it


class Sent:
    """Imports what was sent. `codes`: names and code of the modules in the order in which they were sent."""

    def __init__(self, names, codes):
        self.names = names
        self.codes = codes
        self.ready = {}

    def find_spec(self, name, *_):
        if name not in self.names:
            return None
        return ModuleSpec(name, self, is_package=any(other.startswith(name + ".") for other in self.names))

    def create_module(self, _):
        return None

    def exec_module(self, module):
        while module.__name__ not in self.ready:
            name, code = marshal.load(self.codes)
            self.ready[name] = code
        exec(self.ready.pop(module.__name__), module.__dict__)


def compiled(modules):
    """A file of names and code, written by another process: what compiling takes of memory is never given back."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:  # the child of a child, so that nobody needs to wait for its end
            write_compiled(modules, writer)
        os._exit(0)
    os.wait()
    os.close(writer)
    return open(reader, "rb")


def write_compiled(modules, writer):
    try:
        with open(writer, "wb", buffering=0) as file:
            for name, source in modules:
                code = compile(zlib.decompress(source), name + ".py", "exec", dont_inherit=True, optimize=2)
                file.write(marshal.dumps((name, code)))
    except BaseException:
        sys.excepthook(*sys.exc_info())  # the agent only sees that nothing came
    finally:
        os._exit(0)


def run(sizes, options):
    """`sizes`: names and compressed sizes of the modules, in the order in which they follow on stdin."""
    modules = [(name, sys.stdin.buffer.read(size)) for name, size in sizes]
    sys.meta_path.insert(0, Sent(frozenset(name for name, _ in modules), compiled(modules)))
    del modules
    from agent.main import main

    main(options)
