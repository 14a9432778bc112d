"""Refusals as SharePoint spells them (reference 2.2): its codes begin in lower case."""

from sandbox.graph.errors import GraphError


def invalid(message: str) -> GraphError:
    """400 invalidRequest."""
    return GraphError(400, "invalidRequest", message)


def missing(what: str = "The resource could not be found.") -> GraphError:
    """404 for a site, list, column, item or page."""
    return GraphError(404, "itemNotFound", what)


def denied() -> GraphError:
    """403: the app has no grant, or a lesser one (reference 1.3)."""
    return GraphError(403, "accessDenied", "Access denied")


def taken(what: str) -> GraphError:
    """409: the name is in use."""
    return GraphError(409, "nameAlreadyExists", what)


def changed() -> GraphError:
    """412: the item is another than the caller's eTag says."""
    return GraphError(412, "resourceModified", "ETag does not match current item's value.")
