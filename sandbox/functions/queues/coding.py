"""How message text is stored: base64, or as it is (host.json `messageEncoding`)."""

import base64
import binascii
from typing import Literal

Encoding = Literal["base64", "none"]


def encoded(text: str, encoding: Encoding) -> str:
    """The text as it is stored."""
    return base64.b64encode(text.encode()).decode() if encoding == "base64" else text


def decoded(stored: str, encoding: Encoding) -> str:
    """The text of a stored message. Raises ValueError when it was written with another encoding."""
    if encoding == "none":
        return stored
    try:
        return base64.b64decode(stored, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise ValueError("the message is not base64 text: sender and host.json disagree") from exc
