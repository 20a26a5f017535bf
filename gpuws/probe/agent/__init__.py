"""The agent: fed to the host's python3 over stdin, it writes JSON lines. It installs and writes nothing there.

Standard library and pynvml only; the syntax is Python 3.6's, so that any server's interpreter runs it.
Nothing here touches home directories: they may lie on a network file system that hangs.
"""
