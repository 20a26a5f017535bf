"""Workspaces for tests, as Docker tells of containers."""

from dataclasses import fields, replace

from gpuws.engines.docker.states import meaning
from gpuws.model.workspace import Container, Ref, Workspace

_OF_A_CONTAINER = {one.name for one in fields(Container)} - {"image"}


def container(host, identity, name, image="image", word="running", created=None, **told):
    """`word`: Docker's for its state. `told`: fields of a workspace, or of what only a container has."""
    oci = Container(image, **{key: told.pop(key) for key in _OF_A_CONTAINER & told.keys()})
    means = meaning(word)
    return Workspace(
        Ref(host, identity), name, host, means.state, word, means.actions, created=created, oci=oci, **told
    )


def being(workspace, word):
    """The same in another state, by Docker's word."""
    means = meaning(word)
    return replace(workspace, state=means.state, status=word, actions=means.actions)
