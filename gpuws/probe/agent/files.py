"""Reading small files of /proc."""


def read(path, limit=65536):
    """Text of a file; "" where it is gone or forbidden. Bytes that are no UTF-8 are replaced."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""


def field(text, name):
    """The words behind `name` at the beginning of a line; none where there is no such line."""
    return ("\n" + text).partition("\n" + name)[2].partition("\n")[0].split()
