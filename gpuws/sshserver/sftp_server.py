"""SFTP version 3 on stdin and stdout, with the extensions that OpenSSH's scp and sftp ask for. Handed to the Python of
a place whose image has no sftp-server of its own.

draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL, section 4. Standard library alone, in the syntax of Python 3.6:
`python3 sftp_server.py` runs it anywhere."""

import errno
import os
import stat
import struct
import sys
import time

VERSION = 3
LONGEST = 256 * 1024
"""Bytes of a packet; OpenSSH's own."""
ROOM = 1024
"""Bytes of a packet that are not the data of a file."""
MOST_HANDLES = 1000
SHOWN_AT_ONCE = 100
"""Names in one answer to READDIR."""

INIT, SERVER_VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT = range(1, 11)
OPENDIR, READDIR, REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = range(11, 21)
STATUS, HANDLE, DATA, NAME, ATTRS = range(101, 106)
EXTENDED, EXTENDED_REPLY = 200, 201

OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, BAD_MESSAGE, _, _, UNSUPPORTED = range(9)
STATUSES = {errno.ENOENT: NO_SUCH_FILE, errno.ENOTDIR: NO_SUCH_FILE, errno.ELOOP: NO_SUCH_FILE}
STATUSES.update({errno.EACCES: PERMISSION_DENIED, errno.EPERM: PERMISSION_DENIED, errno.EROFS: PERMISSION_DENIED})

HAS_SIZE, HAS_OWNER, HAS_MODE, HAS_TIMES, HAS_MORE = 1, 2, 4, 8, 0x80000000
WANTS_READ, WANTS_WRITE, WANTS_APPEND, WANTS_CREATE, WANTS_EMPTY, WANTS_NEW = 1, 2, 4, 8, 16, 32


class Malformed(Exception):
    """A packet that is shorter than what it says is in it."""


class Unsupported(Exception):
    pass


class Reader:
    """What is in a packet, field by field."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise Malformed
        self.at += size
        return piece

    def number(self):
        return struct.unpack(">I", self.take(4))[0]

    def long(self):
        return struct.unpack(">Q", self.take(8))[0]

    def text(self):
        return self.take(self.number())

    def path(self):
        found = self.text()
        if b"\0" in found:
            raise OSError(errno.EINVAL, "a name holds a zero byte")
        return found or b"."

    def attributes(self):
        """By name; only those that were sent."""
        flags, found = self.number(), {}
        if flags & HAS_SIZE:
            found["size"] = self.long()
        if flags & HAS_OWNER:
            found["owner"] = (self.number(), self.number())
        if flags & HAS_MODE:
            found["mode"] = stat.S_IMODE(self.number())
        if flags & HAS_TIMES:
            found["times"] = (self.number(), self.number())
        if flags & HAS_MORE:
            for _ in range(self.number()):
                self.text()
                self.text()
        return found


def text(data):
    return struct.pack(">I", len(data)) + data


def attributes(found):
    flags = HAS_SIZE | HAS_OWNER | HAS_MODE | HAS_TIMES
    times = [min(max(int(one), 0), 0xFFFFFFFF) for one in (found.st_atime, found.st_mtime)]
    size, owner = found.st_size, (found.st_uid & 0xFFFFFFFF, found.st_gid & 0xFFFFFFFF)
    return struct.pack(">IQIIIII", flags, size, owner[0], owner[1], found.st_mode, times[0], times[1])


def long_name(name, found):
    """As `ls -l` writes it: clients show it as it is."""
    age = time.time() - found.st_mtime
    form = "%b %e %H:%M" if -3600 < age < 180 * 86400 else "%b %e  %Y"
    when = time.strftime(form, time.localtime(found.st_mtime))
    line = "%s %4d %-8d %-8d %8d %s " % (
        stat.filemode(found.st_mode), found.st_nlink, found.st_uid, found.st_gid, found.st_size, when,
    )  # fmt: skip
    return line.encode() + name


class Server:
    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.files = {}
        self.folders = {}
        self.appended = set()
        self.last = 0
        self.answers = {
            OPEN: self.open, CLOSE: self.close, READ: self.read, WRITE: self.write, LSTAT: self.lstat,
            FSTAT: self.fstat, SETSTAT: self.setstat, FSETSTAT: self.fsetstat, OPENDIR: self.opendir,
            READDIR: self.readdir, REMOVE: self.remove, MKDIR: self.mkdir, RMDIR: self.rmdir,
            REALPATH: self.realpath, STAT: self.stat, RENAME: self.rename, READLINK: self.readlink,
            SYMLINK: self.symlink, EXTENDED: self.extended,
        }  # fmt: skip
        self.extensions = {
            b"posix-rename@openssh.com": (b"1", self.replace),
            b"statvfs@openssh.com": (b"2", lambda m: self.capacity(os.statvfs(m.path()))),
            b"fstatvfs@openssh.com": (b"2", lambda m: self.capacity(os.fstatvfs(self.file(m)))),
            b"hardlink@openssh.com": (b"1", self.hardlink),
            b"fsync@openssh.com": (b"1", self.fsync),
            b"lsetstat@openssh.com": (b"1", self.lsetstat),
            b"limits@openssh.com": (b"1", self.limits),
            b"expand-path@openssh.com": (b"1", self.expand),
        }

    def run(self):
        """Until the client is gone, or says what makes no sense."""
        kind, message = self.receive()
        if kind != INIT:
            return
        known = b"".join(text(name) + text(version) for name, (version, _) in self.extensions.items())
        self.send(SERVER_VERSION, struct.pack(">I", VERSION) + known)
        while True:
            kind, message = self.receive()
            if kind is None:
                return
            self.answer(kind, message)

    def receive(self):
        head = self.source.read(4)
        if len(head) < 4:
            return None, None
        size = struct.unpack(">I", head)[0]
        data = self.source.read(size) if 0 < size <= LONGEST else b""
        if not data or len(data) < size:
            return None, None
        return data[0], Reader(data[1:])

    def send(self, kind, payload):
        self.sink.write(struct.pack(">IB", len(payload) + 1, kind) + payload)
        self.sink.flush()

    def answer(self, kind, message):
        try:
            number = message.take(4)
        except Malformed:
            return
        try:
            if kind not in self.answers:
                raise Unsupported
            reply = self.answers[kind](message) or self.status(OK, "")
        except OSError as error:
            reply = self.status(STATUSES.get(error.errno, FAILURE), error.strerror or str(error))
        except Malformed:
            reply = self.status(BAD_MESSAGE, "the packet is too short")
        except Unsupported:
            reply = self.status(UNSUPPORTED, "not supported")
        except (ValueError, OverflowError) as error:
            reply = self.status(FAILURE, str(error))
        self.send(reply[0], number + reply[1])

    def status(self, code, sentence):
        return STATUS, struct.pack(">I", code) + text(sentence.encode("utf-8", "replace")) + text(b"en")

    # handles

    def keep(self, where, thing):
        if len(self.files) + len(self.folders) >= MOST_HANDLES:
            raise OSError(errno.EMFILE, "too many files are open")
        self.last += 1
        handle = str(self.last).encode()
        where[handle] = thing
        return HANDLE, text(handle)

    def file(self, message):
        return self.known(self.files, message.text())

    def known(self, where, handle):
        if handle not in where:
            raise OSError(errno.EBADF, "no such handle")
        return where[handle]

    # files

    def open(self, message):
        path, wanted, given = message.path(), message.number(), message.attributes()
        both = wanted & (WANTS_READ | WANTS_WRITE)
        flags = {WANTS_READ: os.O_RDONLY, WANTS_WRITE: os.O_WRONLY}.get(both, os.O_RDWR) | os.O_CLOEXEC
        for flag, meant in ((WANTS_APPEND, os.O_APPEND), (WANTS_CREATE, os.O_CREAT), (WANTS_EMPTY, os.O_TRUNC)):
            flags |= meant if wanted & flag else 0
        flags |= os.O_EXCL if wanted & WANTS_NEW else 0
        descriptor = os.open(path, flags, given.get("mode", 0o666))
        try:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EISDIR, "it is a directory")
            reply = self.keep(self.files, descriptor)
        except OSError:
            os.close(descriptor)
            raise
        if wanted & WANTS_APPEND:
            self.appended.add(descriptor)
        return reply

    def close(self, message):
        handle = message.text()
        if self.folders.pop(handle, None) is None:
            descriptor = self.known(self.files, handle)
            del self.files[handle]
            self.appended.discard(descriptor)
            os.close(descriptor)

    def read(self, message):
        descriptor, at, size = self.file(message), message.long(), message.number()
        data = os.pread(descriptor, min(size, LONGEST - ROOM), at)
        return (DATA, text(data)) if data or not size else self.status(EOF, "the end of the file")

    def write(self, message):
        descriptor, at, data = self.file(message), message.long(), memoryview(message.text())
        while data:
            done = os.write(descriptor, data) if descriptor in self.appended else os.pwrite(descriptor, data, at)
            at += done
            data = data[done:]

    def fsync(self, message):
        os.fsync(self.file(message))

    # what is there

    def lstat(self, message):
        return ATTRS, attributes(os.lstat(message.path()))

    def stat(self, message):
        return ATTRS, attributes(os.stat(message.path()))

    def fstat(self, message):
        return ATTRS, attributes(os.fstat(self.file(message)))

    def setstat(self, message):
        self.change(message.path(), message.attributes())

    def fsetstat(self, message):
        self.change(self.file(message), message.attributes())

    def lsetstat(self, message):
        """Of a link itself; its mode can't be changed on Linux, and is not."""
        path, given = message.path(), message.attributes()
        if "times" in given:
            os.utime(path, given["times"], follow_symlinks=False)
        if "owner" in given:
            os.chown(path, given["owner"][0], given["owner"][1], follow_symlinks=False)

    def change(self, what, given):
        if "size" in given:
            os.truncate(what, given["size"])
        if "mode" in given:
            os.chmod(what, given["mode"])
        if "times" in given:
            os.utime(what, given["times"])
        if "owner" in given:
            os.chown(what, given["owner"][0], given["owner"][1])

    def capacity(self, found):
        flags = found.f_flag & (os.ST_RDONLY | os.ST_NOSUID)
        return EXTENDED_REPLY, struct.pack(
            ">11Q", found.f_bsize, found.f_frsize, found.f_blocks, found.f_bfree, found.f_bavail, found.f_files,
            found.f_ffree, found.f_favail, 0, flags, found.f_namemax,
        )  # fmt: skip

    def limits(self, _):
        return EXTENDED_REPLY, struct.pack(">4Q", LONGEST, LONGEST - ROOM, LONGEST - ROOM, MOST_HANDLES)

    # directories and names

    def opendir(self, message):
        path = message.path()
        return self.keep(self.folders, (path, iter([b".", b"..", *os.listdir(path)])))

    def readdir(self, message):
        path, names = self.known(self.folders, message.text())
        rows = []
        for name in names:
            try:
                found = os.lstat(os.path.join(path, name))
            except OSError:
                continue  # it went meanwhile
            rows.append(text(name) + text(long_name(name, found)) + attributes(found))
            if len(rows) == SHOWN_AT_ONCE:
                break
        if not rows:
            return self.status(EOF, "the end of the directory")
        return NAME, struct.pack(">I", len(rows)) + b"".join(rows)

    def remove(self, message):
        os.unlink(message.path())

    def mkdir(self, message):
        path, given = message.path(), message.attributes()
        os.mkdir(path, given.get("mode", 0o777))

    def rmdir(self, message):
        os.rmdir(message.path())

    def rename(self, message):
        """Never over what is there; clients that want that ask for `posix-rename`."""
        old, new = message.path(), message.path()
        if os.path.lexists(new):
            raise OSError(errno.EEXIST, "there is something of that name")
        os.rename(old, new)

    def replace(self, message):
        os.rename(message.path(), message.path())

    def hardlink(self, message):
        os.link(message.path(), message.path())

    def symlink(self, message):
        """What it leads to comes first, as OpenSSH sends it."""
        os.symlink(message.path(), message.path())

    def readlink(self, message):
        return self.one_name(os.readlink(message.path()))

    def realpath(self, message):
        return self.one_name(os.path.realpath(message.path()))

    def expand(self, message):
        return self.one_name(os.path.realpath(os.path.expanduser(message.path())))

    def one_name(self, name):
        nothing = struct.pack(">I", 0)
        return NAME, struct.pack(">I", 1) + text(name) + text(name) + nothing

    def extended(self, message):
        name = message.text()
        if name not in self.extensions:
            raise Unsupported
        return self.extensions[name][1](message)


if __name__ == "__main__":
    Server(sys.stdin.buffer, sys.stdout.buffer).run()
