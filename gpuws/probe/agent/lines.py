"""What the agent says, as JSON lines."""

try:
    from _json import encode_basestring_ascii, make_encoder  # all of `json` takes a megabyte and a half
except ImportError:  # not CPython
    from json import dumps
else:
    _encode = make_encoder(None, None, encode_basestring_ascii, None, ":", ",", False, False, True)

    def dumps(message):
        return "".join(_encode(message, 0))


def line(message):
    return dumps(message).encode("ascii") + b"\n"
