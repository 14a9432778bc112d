"""Control routes of the mail service: mailboxes, deliveries, switches. They need no token."""

from urllib.parse import unquote

from werkzeug import Request, Response

from sandbox.control import Control, ControlError, read_json
from sandbox.graph import mailboxes, messages, switches
from sandbox.graph.mime import parse
from sandbox.graph.values import Clock, Database, Json, Row, row
from sandbox.graph.writing import ADDRESS
from sandbox.wire import json_response

MAILBOXES = "/_sandbox/mailboxes"
GRAPH = "/_sandbox/graph"
DEFECTS = ("ErrorCannotOpenFileAttachment", "ErrorCorruptData")


class MailControl:
    """`/_sandbox/mailboxes` and `/_sandbox/graph`."""

    def __init__(self, store: Database, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def register(self, control: Control) -> None:
        """Take both prefixes."""
        control.register("mailboxes", self.mailbox_routes)
        control.register("graph", self.switch_routes)

    def mailbox_routes(self, request: Request) -> Response:
        """List, create, change mailboxes; deliver mail."""
        rest = [unquote(p) for p in request.path.removeprefix(MAILBOXES).strip("/").split("/") if p]
        match (request.method, rest):
            case ("GET", []):
                return self._list()
            case ("PUT", [address]):
                return self._put(address, read_json(request))
            case ("POST", [address, "deliver"]):
                return self._deliver(address, request.get_data())
        raise ControlError(
            405, "Use GET /mailboxes, PUT /mailboxes/{address}, POST /mailboxes/{address}/deliver."
        )

    def _list(self) -> Response:
        with self._store.read() as db:
            return json_response(200, {"mailboxes": [_shown(found) for found in mailboxes.every(db)]})

    def _put(self, address: str, body: dict[str, object]) -> Response:
        kind, access, name = body.get("kind"), body.get("access"), body.get("displayName")
        if kind not in (None, "shared", "user") or not isinstance(access, bool | None):
            raise ControlError(400, "'kind' is shared or user, 'access' is true or false.")
        if not ADDRESS.match(address) or not isinstance(name, str | None):
            raise ControlError(
                400, "A mailbox has an address such as desk@example.org and a displayName text."
            )
        with self._store.write() as db:
            known = row(db, "SELECT * FROM graph_mailbox WHERE address = ?", address.lower())
            before = known or {"kind": "shared", "access": True}
            kind = str(kind or before["kind"])
            access = bool(before["access"]) if access is None else access
            made = mailboxes.put(db, address, name, kind, access)
        return json_response(200 if known else 201, _shown(made))

    def _deliver(self, address: str, raw: bytes) -> Response:
        """Drop a mail into an inbox. An address that is new gets a shared mailbox, so that one call is enough."""
        if not ADDRESS.match(address):
            raise ControlError(400, "A mailbox has an address such as desk@example.org.")
        parsed = parse(raw)
        with self._store.write() as db:
            if row(db, "SELECT 1 AS x FROM graph_mailbox WHERE address = ?", address.lower()) is None:
                mailboxes.put(db, address, address, "shared", True)
            inbox = mailboxes.folder(db, address.lower(), "inbox")["id"]
            made = messages.deliver(db, address.lower(), inbox, raw, parsed, self._clock.now())
        return json_response(201, {"id": made["immutable_id"], "receivedDateTime": made["received"]})

    def switch_routes(self, request: Request) -> Response:
        """GET and PUT /_sandbox/graph: switches; POST below it: expire-delta makes every token lapse, defective
        takes the content of an attachment away."""
        match (request.method, request.path.removeprefix(GRAPH).strip("/")):
            case ("GET", ""):
                pass
            case ("PUT", ""):
                self._switch(read_json(request))
            case ("POST", "expire-delta"):
                with self._store.write() as db:
                    db.execute("UPDATE graph_setting SET value = value + 1 WHERE name = 'deltaGeneration'")
            case ("POST", "defective"):
                self._defective(read_json(request))
            case _:
                words = "Use GET or PUT /_sandbox/graph, or POST /_sandbox/graph/expire-delta or /defective."
                raise ControlError(405, words)
        with self._store.read() as db:
            return json_response(200, {name: switches.get(db, name) for name in switches.SWITCHES})

    def _switch(self, body: dict[str, object]) -> None:
        try:
            with self._store.write() as db:
                for name, value in body.items():
                    switches.put(db, name, value)
        except switches.BadSwitch as exc:
            raise ControlError(400, str(exc)) from exc

    def _defective(self, body: dict[str, object]) -> None:
        code = body.get("code", DEFECTS[0])
        with self._store.write() as db:
            known = row(db, "SELECT id FROM graph_attachment WHERE id = ?", body.get("attachment"))
            if known is None or code not in DEFECTS:
                words = f"'attachment' is the id of one, 'code' is one of {', '.join(DEFECTS)}."
                raise ControlError(400, words)
            db.execute("INSERT OR REPLACE INTO graph_defect VALUES (?, ?)", (known["id"], code))


def _shown(found: Row) -> Json:
    shown = {"address": found["address"], "id": found["user_id"], "displayName": found["display_name"]}
    return shown | {"kind": found["kind"], "access": bool(found["access"])}
