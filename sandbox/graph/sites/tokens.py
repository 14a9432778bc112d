"""Opaque tokens for links: content that cannot be edited, because it is sealed."""

import base64
import hashlib
import json

SEAL = b"sharepoint feed"


def sealed(content: list[object]) -> str:
    """The text form of a token."""
    raw = json.dumps(content).encode()
    return f"{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.{_seal(raw)}"


def opened(text: str) -> list[object] | None:
    """What was sealed; None for a text that this tenant did not make."""
    packed, _, seal = text.partition(".")
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except ValueError:
        return None
    if seal != _seal(raw):
        return None
    content: list[object] = json.loads(raw)
    return content


def _seal(raw: bytes) -> str:
    return hashlib.sha256(SEAL + raw).hexdigest()[:24]
