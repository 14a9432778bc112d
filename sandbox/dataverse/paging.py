"""Skip tokens: opaque to the caller, in the shape of the cloud's paging cookies, and refused when edited."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import quote, unquote

from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.options import Options

COOKIE = re.compile(r'pagingcookie="(?P<inner>[^"]*)"')
ENCODED = re.compile(r"%[0-9A-F]{2}")
INNER = re.compile(r'data="(?P<data>[^"]*)"')


class Pager:
    """Makes and reads the tokens of one organisation."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def next_link(self, options: Options, page: int, state: dict[str, Any]) -> str:
        """Give the link to a page; `state` says where it begins."""
        token = self._token(options, page, state)
        kept = [
            (name, value)
            for name, value in options.query.items()
            if name not in ("$skiptoken", "$deltatoken")
        ]
        query = "&".join(f"{name}={quote(value, safe=',()/@')}" for name, value in kept)
        return (
            f"{options.base}{options.path}?{query}{'&' if query else ''}$skiptoken={quote(token, safe='=/')}"
        )

    def read(self, options: Options) -> tuple[int, dict[str, Any]] | None:
        """Give page number and state of the token in the options, or None when there is no token."""
        token = options.get("$skiptoken")
        if token is None:
            return None
        found = COOKIE.search(token)
        data = INNER.search(unquote(found["inner"])) if found else None
        try:
            payload = json.loads(base64.urlsafe_b64decode(data["data"].partition(".")[0])) if data else None
        except ValueError as exc:
            raise _altered() from exc
        if payload is None or not hmac.compare_digest(
            self._token(options, *payload).encode(), token.encode()
        ):
            raise _altered()
        page, state = payload
        return int(page), state

    def _token(self, options: Options, page: int, state: dict[str, Any]) -> str:
        packed = base64.urlsafe_b64encode(json.dumps([page, state]).encode()).decode()
        others = {
            name: value for name, value in options.query.items() if name not in ("$skiptoken", "$deltatoken")
        }
        signed = json.dumps([packed, options.path, sorted(others.items())]).encode()
        signature = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()[:32]
        inner = f'<cookie page="{page - 1}" data="{packed}.{signature}" />'
        tracking = "True" if "upto" in state else "False"
        once = ENCODED.sub(lambda found: found[0].lower(), quote(inner, safe=""))
        return f'<cookie pagenumber="{page}" pagingcookie="{once}" istracking="{tracking}" />'


def _altered() -> DataverseError:
    return DataverseError(400, "0x8004112a", "Invalid page number in paging cookie.")
