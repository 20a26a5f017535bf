"""Where the control groups of containers lie: one tree for all controllers (v2), or one for each of them (v1)."""

import os

from ..cgroup import container_id

ROOT = "/sys/fs/cgroup"
CONTROLLERS = ("memory", "cpuacct", "blkio")
USERS = "user.slice"  # below it a user may make groups of any name
MOST, DEEPEST = 8192, 14  # directories, levels


class Trees:
    """`version` of control groups, None where there are none; `roots`: controller → its tree."""

    def __init__(self, root=ROOT):
        if os.path.exists(root + "/cgroup.controllers"):
            self.version, self.roots = 2, dict.fromkeys(CONTROLLERS, root)
            return
        self.roots = {}
        for name in sorted(names(root)):
            for controller in name.split(","):
                if controller in CONTROLLERS:
                    self.roots.setdefault(controller, root + "/" + name)
        self.version = 1 if self.roots else None

    @property
    def walked(self):
        """The tree in which containers are looked for."""
        return next((self.roots[one] for one in CONTROLLERS if one in self.roots), None)


class Places:
    """`found`: id of a container → its path in each tree."""

    def __init__(self, trees):
        self.trees = trees
        self.found = {}
        self._links = {}  # directory → number of links, which a kernel's file system counts by the groups in it

    def look(self):
        root = self.trees.walked
        self.found = {} if root is None else find(root)
        parents = {root + path.rpartition("/")[0] for path in self.found.values()}
        self._links = {path: links(path) for path in parents | ({root} if root else set())}

    def changed(self):
        """Groups were made or ended beside those that are known."""
        return any(links(path) != before for path, before in self._links.items())


def find(root):
    """Of two groups with one id the one that no user can have made, then the one nearest to the root."""
    found, seen, below = {}, 0, [("", "", False, 0)]
    while below and seen < MOST:
        path, above, in_pod, depth = below.pop()
        for name in names(root + path):
            seen += 1
            here = path + "/" + name
            identity = container_id(name, above, in_pod)
            if identity is not None and rank(here) < rank(found.get(identity, "")):
                found[identity] = here
            if depth < DEEPEST:
                below.append((here, name, in_pod or name.startswith("kubepods"), depth + 1))
    return found


def rank(path):
    return (not path, path.startswith("/" + USERS), path.count("/"), path)


def names(path):
    """Of the directories in it."""
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def links(path):
    try:
        return os.stat(path).st_nlink
    except OSError:
        return None
