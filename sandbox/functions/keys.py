"""Function keys: made at random on first start, kept in the state folder (azure-functions.md 4.2)."""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.functions.errors import HostError


class Keys:
    """The master key, the host key and one key for each function."""

    def __init__(self, master: str, host: str, functions: Mapping[str, str]) -> None:
        self.master = master
        self.host = host
        self.functions = dict(functions)

    def admits(self, level: str, function: str, offered: str | None) -> bool:
        """Whether an offered key opens a function of a level (upper case, as the runtime spells it)."""
        if level == "ANONYMOUS":
            return True
        accepted = [self.master]
        if level == "FUNCTION":
            accepted += [self.host, self.functions.get(function, self.host)]
        # Every key is compared, so that the time taken tells nothing.
        matches = [hmac.compare_digest(key.encode(), (offered or "").encode()) for key in accepted]
        return any(matches)


def load_keys(path: Path, functions: Iterable[str]) -> Keys:
    """Read the key file and add what is missing. Only the owner may read it."""
    stored = _read(path)
    own = stored.setdefault("functions", {})
    if not isinstance(own, dict):
        raise HostError(f"{path}: 'functions' must be an object; remove the file to get new keys")
    before = json.dumps(stored)
    for name in functions:
        own.setdefault(name, secrets.token_urlsafe(40))
    stored.setdefault("master", secrets.token_urlsafe(40))
    stored.setdefault("host", secrets.token_urlsafe(40))
    if json.dumps(stored) != before:
        _write(path, stored)
    return Keys(str(stored["master"]), str(stored["host"]), own)


def _read(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as exc:
        raise HostError(f"{path}: not JSON; remove the file to get new keys") from exc
    if not isinstance(document, dict):
        raise HostError(f"{path}: must be an object; remove the file to get new keys")
    return document


def _write(path: Path, document: Mapping[str, object]) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
    temporary.replace(path)
