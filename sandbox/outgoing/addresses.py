"""Which addresses the tenant calls."""

from urllib.parse import SplitResult, urlsplit

LOCAL = ("127.0.0.1", "localhost", "::1")


def split(url: str) -> SplitResult:
    """Take an address apart. Raises `ValueError` for what is none."""
    parts = urlsplit(url)
    _ = parts.port
    if not parts.hostname or parts.scheme not in ("http", "https") or not url.isascii() or " " in url:
        raise ValueError("it is no absolute http or https address")
    return parts


def is_local(parts: SplitResult) -> bool:
    """Whether the receiver is on this machine."""
    return parts.hostname in LOCAL


def receiver(url: str) -> str:
    """Give the machine and port behind an address: what may not be called by everybody at once."""
    return split(url).netloc


def logged_path(url: str) -> str:
    """Give the path without the query, which may hold a key."""
    return split(url).path or "/"
