"""`/subscriptions`: create with handshake, list, read, renew, delete, reauthorize (reference graph.md 5.1).

Renewing and reauthorizing fail with the words of the handshake, too (msgraph-sdk-dotnet issue 2805)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from werkzeug import Response

from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad, not_offered
from sandbox.graph.subscriptions import handshake, model, resources
from sandbox.graph.subscriptions.model import Target, shown, spelled
from sandbox.graph.subscriptions.service import Subscriptions
from sandbox.graph.values import Json, Row

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)")
NEEDED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
MAY_BE = ("clientState", "lifecycleNotificationUrl", "latestSupportedTlsVersion", "includeResourceData")
RICH = (
    "encryptionCertificate",
    "encryptionCertificateId",
    "notificationQueryOptions",
    "notificationUrlAppId",
)
CHANGEABLE = ("expirationDateTime", "notificationUrl")
MISSPELT = (
    "Could not process subscription creation payload. Are all property names spelled and camelCased properly"
)
TLS = ("v1_0", "v1_1", "v1_2", "v1_3")
LONGEST_STATE = 128
PREFIX = "/subscriptions"


@dataclass(frozen=True)
class Ask:
    """One call to the subscriptions of an application; `key` is the id in its path."""

    call: Call
    desk: Subscriptions
    app: str
    key: str


def create(ask: Ask) -> Response:
    """POST subscriptions. The store is free while receivers are asked."""
    call, desk = ask.call, ask.desk
    body = _members(call.document(), (*NEEDED, *MAY_BE, *RICH))
    wanted = _checked(body)
    target = resources.target(call, ask.app, wanted["resource"])
    _check_kinds(wanted["changeType"], target)
    wanted["expirationDateTime"] = _expiry(ask, wanted["expirationDateTime"], target.kind)
    _check_room(ask, target, wanted)
    settings = desk.outgoing.settings
    urls = [handshake.check_address("notificationUrl", wanted["notificationUrl"], settings)]
    if wanted.get("lifecycleNotificationUrl") is not None:
        urls.append(
            handshake.check_address("lifecycleNotificationUrl", wanted["lifecycleNotificationUrl"], settings)
        )
    for url in urls:
        handshake.validate(desk.outgoing, url)
    with call.store.write() as db:
        call.db = db
        _check_room(ask, target, wanted)
        desk.added(db)
        made = model.insert(db, ask.app, target, wanted, immutable=call.prefer.immutable)
    desk.outgoing.wake()  # its end is something to wait for
    return _answer(call, 201, shown(made))


def _members(body: Json, known: tuple[str, ...]) -> Json:
    body = {name: value for name, value in body.items() if not name.startswith("@")}
    for name in body:
        if name not in known:
            raise bad(f"{MISSPELT}? ('{name}')", "InvalidRequest")
    return body


def _checked(body: Json) -> Json:
    """The members and their kinds; how each value is refused follows what was seen for a missing expiry."""
    for name in NEEDED:
        if not isinstance(body.get(name), str) or not body[name]:
            raise bad(f"{name} is a required property for subscription creation", "InvalidRequest")
    if body.get("includeResourceData") or any(body.get(name) is not None for name in RICH):
        raise not_offered("notifications with resource data")
    state = body.get("clientState")
    if state is not None and (not isinstance(state, str) or len(state) > LONGEST_STATE):
        raise bad(f"clientState is a text of at most {LONGEST_STATE} characters.", "InvalidRequest")
    if body.get("latestSupportedTlsVersion", "v1_2") not in TLS:
        raise bad(f"latestSupportedTlsVersion is one of {', '.join(TLS)}.", "InvalidRequest")
    return body


def _check_kinds(said: str, target: Target) -> None:
    kinds = model.kinds(said).split(",")
    offered = resources.KINDS[target.kind]
    if len(set(kinds)) != len(kinds) or not set(kinds) <= set(offered):
        raise bad(f"changeType for this resource takes {', '.join(offered)}.", "InvalidRequest")


def _expiry(ask: Ask, said: object, kind: str) -> str:
    """Give the end of a subscription: raised to the least, refused beyond the most (reference graph.md 5.1)."""
    if not isinstance(said, str) or not INSTANT.fullmatch(said):
        raise bad("expirationDateTime is an instant such as 2026-03-05T06:00:00Z.", "InvalidRequest")
    try:
        wanted = datetime.fromisoformat(said).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise bad("expirationDateTime is not an instant.", "InvalidRequest") from exc
    limits, now = ask.desk.limits, ask.call.now
    most = limits.list_minutes if kind == "list" else limits.mail_minutes
    if wanted <= now:
        raise bad("expirationDateTime must be in the future.", "InvalidRequest")  # documented guess
    if wanted > now + timedelta(minutes=most):
        words = f"Subscription expiration can only be {most} minutes in the future."
        raise GraphError(400, "ExtensionError", words)  # documented guess: the code
    return spelled(max(wanted, now + timedelta(minutes=limits.least_minutes)))


def _check_room(ask: Ask, target: Target, wanted: Json) -> None:
    known = model.duplicate(ask.call.db, ask.app, target, wanted["changeType"])
    if known is not None:  # documented guess: the code; status and words are documented
        words = f"Subscription Id {known} already exists for the requested combination"
        raise GraphError(409, "ExtensionError", words)
    most = ask.desk.limits.per_mailbox
    if target.mailbox and model.on_mailbox(ask.call.db, target.mailbox) >= most:
        words = f"Operation: Create; Exception: [Status Code: Forbidden; Reason: {most} subscriptions]"
        raise GraphError(403, "ExtensionError", words)


def many(ask: Ask) -> Response:
    """GET subscriptions: those of the application."""
    call = ask.call
    call.allow()
    now = spelled(call.now)
    found = [shown(one) for one in model.every(call.db, ask.app) if one["expires"] > now]
    return answer(200, {"@odata.context": f"{call.root}/$metadata#subscriptions", "value": found})


def one(ask: Ask) -> Response:
    """GET a subscription."""
    ask.call.allow()
    return _answer(ask.call, 200, shown(_found(ask)))


def renew(ask: Ask) -> Response:
    """PATCH a subscription: another expiry, another address, validated anew. Nothing else can be changed later."""
    call, desk, found = ask.call, ask.desk, _found(ask)
    body = _members(call.document(), (*NEEDED, *MAY_BE, *RICH))
    for name in body:
        if name not in CHANGEABLE:
            raise bad(
                f"'{name}' of a subscription cannot be changed; delete it and create anew.", "InvalidRequest"
            )
    if not body:
        words = "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property"
        raise bad(f"{words} and its value.", "InvalidRequest")
    doc, ends = json.loads(found["doc"]), found["expires"]
    if "expirationDateTime" in body:
        ends = _expiry(ask, body["expirationDateTime"], found["kind"])
    if "notificationUrl" in body:
        settings = desk.outgoing.settings
        doc["notificationUrl"] = handshake.check_address("notificationUrl", body["notificationUrl"], settings)
    handshake.validate(desk.outgoing, doc["notificationUrl"])
    with call.store.write() as db:
        call.db = db
        _found(ask)
        sql = "UPDATE graph_subscription SET expires = ?, doc = ?, warned = 0 WHERE id = ?"
        db.execute(sql, (ends, json.dumps(doc), found["id"]))
        renewed = shown(_found(ask))
    desk.outgoing.wake()
    return _answer(call, 200, renewed)


def delete(ask: Ask) -> Response:
    """DELETE a subscription."""
    with ask.call.store.write() as db:
        ask.call.db = db
        ask.desk.remove(db, _found(ask)["id"])
    return answer(204)


def reauthorize(ask: Ask) -> Response:
    """POST reauthorize: the address is validated anew, the expiry stays."""
    ask.call.parameters()
    handshake.validate(ask.desk.outgoing, json.loads(_found(ask)["doc"])["notificationUrl"])
    return answer(204)


def _found(ask: Ask) -> Row:
    return ask.desk.of(ask.call.db, ask.app, ask.key)


def _answer(call: Call, status: int, body: Json) -> Response:
    return answer(status, {"@odata.context": f"{call.root}/$metadata#subscriptions/$entity"} | body)


ROUTES: dict[tuple[str, int], Callable[[Ask], Response]] = {
    ("GET", 1): many,
    ("POST", 1): create,
    ("GET", 2): one,
    ("PATCH", 2): renew,
    ("DELETE", 2): delete,
    ("POST", 3): reauthorize,
}


def concerns(path: str) -> bool:
    """Whether a path below the version belongs to the subscriptions."""
    return f"{path.lower()}/".startswith(f"{PREFIX}/")


def handle(call: Call, path: str, desk: Subscriptions, app: str) -> Response:
    """Answer a call below `/subscriptions`."""
    parts = path.strip("/").split("/")
    route = ROUTES.get((call.request.method, len(parts)))
    if route is None or (len(parts) == 3 and parts[2].lower() != "reauthorize"):
        raise not_offered(f"{call.request.method} on this path")
    return route(Ask(call, desk, app, parts[1] if len(parts) > 1 else ""))
