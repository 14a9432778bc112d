"""Why a host does not start."""


class HostError(Exception):
    """The app, its settings or host.json cannot be run here. The message names the place and the remedy."""
