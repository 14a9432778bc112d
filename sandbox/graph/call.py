"""One call as the handlers see it: preferences, options, mailbox, answer."""

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection
from typing import cast
from urllib.parse import quote, urlencode

from werkzeug import Request, Response

from sandbox.graph import mailboxes, messages
from sandbox.graph.errors import bad, not_found, not_offered
from sandbox.graph.values import Database, Json, Row
from sandbox.wire import is_number, strict_json

LARGEST_PAGE = 1000
PREFERENCE = re.compile(r'\s*([A-Za-z.\-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]+)))?\s*(?:,|$)')


@dataclass(frozen=True)
class Preferences:
    """What a `Prefer` header asked for and this service obeys (reference 2, 3.3, 3.4)."""

    immutable: bool = False
    body: str = "html"
    page: int | None = None
    unsafe: bool = False
    applied: tuple[str, ...] = ()


def preferences(header: str) -> Preferences:
    """Read a `Prefer` header; unknown preferences are passed over."""
    said = {name.lower(): quoted or bare for name, quoted, bare in PREFERENCE.findall(header)}
    body = said.get("outlook.body-content-type", "").lower()
    page = said.get("odata.maxpagesize", "")
    obeyed = {
        'IdType="ImmutableId"': said.get("idtype", "").lower() == "immutableid",
        f'outlook.body-content-type="{body}"': body in ("text", "html"),
        f"odata.maxpagesize={page}": is_number(page) and int(page) > 0,
        "outlook.allow-unsafe-html": "outlook.allow-unsafe-html" in said,
    }
    immutable, kind, paged, unsafe = obeyed.values()
    applied = tuple(name for name, yes in obeyed.items() if yes)
    size = min(int(page), LARGEST_PAGE) if paged else None
    return Preferences(immutable, body if kind else "html", size, unsafe, applied)


@dataclass
class Call:
    """A request on its way through the routes. `db` is a reading connection; writing takes `store.write()`."""

    request: Request
    store: Database
    db: Connection
    now: datetime
    prefer: Preferences
    keys: dict[str, str] = field(default_factory=dict)
    mailbox: Row = field(default_factory=dict)
    folder: str | None = None  # through which a message is addressed

    @property
    def address(self) -> str:
        """The address of the mailbox."""
        return cast("str", self.mailbox["address"])

    @property
    def root(self) -> str:
        """The address of the version, for links."""
        return f"https://{self.request.host}/v1.0"

    def option(self, name: str) -> str | None:
        """A query option; system options may lack the dollar sign's case but nothing else."""
        return self.request.args.get(name)

    def allow(self, *names: str) -> None:
        """Refuse query options that this route does not offer."""
        for name, said in self.request.args.lists():
            if name not in names:
                raise not_offered(f"the query option '{name}' here")
            if len(said) > 1:
                raise bad(f"Query option '{name}' was specified more than once.")

    def number(self, name: str, least: int, most: int) -> int | None:
        """A whole number among the options. Raises 400 outside its bounds."""
        said = self.option(name)
        if said is None:
            return None
        if not is_number(said) or not least <= int(said) <= most:
            raise bad(f"Invalid value '{said}' for {name} query option: {least} to {most}.")
        return int(said)

    def flag(self, name: str) -> bool:
        """An option that is true or false. Raises 400 for anything else."""
        said = self.option(name)
        if said not in (None, "true", "false"):
            raise bad(f"Invalid value '{said}' for {name} query option: true or false.")
        return said == "true"

    def document(self) -> Json:
        """The JSON object of the body. Raises 400, for an empty body too; other content types answer 501."""
        raw = self.request.get_data()
        if not raw:
            raise bad("Empty Payload. JSON content expected.")
        if self.request.mimetype != "application/json":
            raise not_offered(f"bodies of the type '{self.request.mimetype}'")
        try:
            body = strict_json(raw)
        except ValueError as exc:
            raise bad("Unable to read JSON request payload.") from exc
        if not isinstance(body, dict):
            raise bad("The request payload must be a JSON object.")
        return body

    def mime(self) -> bytes | None:
        """The MIME of a body of the type text/plain, decoded; None for other bodies (reference 3.7)."""
        if self.request.mimetype != "text/plain" or not self.request.get_data():
            return None
        try:
            return base64.b64decode(b"".join(self.request.get_data().split()), validate=True)
        except ValueError as exc:
            raise bad(
                "Invalid base64 string for MIME content.", "ErrorMimeContentInvalidBase64String"
            ) from exc

    def parameters(self, *known: str) -> Json:
        """The parameters of an action by their known names. Their case does not count: the service's own
        definitions say `Comment` and `DestinationId`, its pages `comment` and `destinationId`."""
        spelled = {name.lower(): name for name in known}
        given = self.document() if self.request.get_data() else {}
        body = {name: value for name, value in given.items() if not name.startswith("@")}
        for name in body:
            if name.lower() not in spelled:
                raise bad(f"The parameter '{name}' is not known here.")
        return {spelled[name.lower()]: value for name, value in body.items()}

    def link(self, path: str, **options: str) -> str:
        """An absolute link below the version."""
        return f"{self.root}{quote(path, safe=chr(39) + '()/@$')}?{urlencode(options, quote_via=quote, safe='$')}"

    def message(self, db: Connection | None = None) -> Row:
        """The message of the path. Raises 404, too when it does not lie in the folder that the path names."""
        found = messages.get(db or self.db, self.address, self.keys["message"])
        if self.folder is not None:
            folder = mailboxes.folder(db or self.db, self.address, self.folder)
            if found["folder"] != folder["id"]:
                raise not_found()
        return found

    def message_id(self, message: Row) -> str:
        """The id of a message in the form that was asked for."""
        return cast("str", message["immutable_id" if self.prefer.immutable else "current_id"])


def answer(status: int, body: Json | None = None) -> Response:
    """A JSON answer, or an empty one."""
    if body is None:
        return Response(status=status)
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status,
        content_type="application/json; charset=utf-8",
    )
