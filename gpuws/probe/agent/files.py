"""Reading small files of /proc."""

import os


def read(path, limit=65536):
    """Text of a file; "" where it is gone or forbidden. Bytes that are no UTF-8 are replaced."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""


def find_program(name, path, home):
    """Where `name` lies on `path`; directories below `home` are looked at last, since they may hang."""
    folders = [folder for folder in path.split(":") if folder.startswith("/")]
    for folder in sorted(folders, key=lambda folder: folder.startswith(home.rstrip("/") + "/")):
        program = os.path.join(folder, name)
        if os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None
