"""What can go wrong while the local stack is set up or run, in words for a person."""


class LocalError(Exception):
    """The local stack cannot start or go on; the text says why and what to do."""


class UnknownResourceType(LocalError):
    """The template holds a resource type that the local runtime does not know."""


class UnresolvedReference(LocalError):
    """A template refers to something that is not there."""


class NotLocal(LocalError):
    """A call would leave this machine or reach a service that the local stack does not have."""
