"""Upload sessions for attachments of 3 to 150 MB (reference 3.6; docs: Attach large files to Outlook messages).

The pieces go to another host than Graph's, where the address itself is the permission: a token is refused there."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from sqlite3 import Connection
from urllib.parse import quote

from werkzeug import Request, Response

from sandbox.graph import attachments, drafts, errors, messages
from sandbox.graph.call import Call, answer
from sandbox.graph.errors import GraphError, bad
from sandbox.graph.values import DEFAULT_STEM, Clock, Database, Json, Row, fresh_id, row, stamp

PREFIX = "/_upload/"
LEAST, MOST = attachments.LIMIT, 150 * 1024 * 1024
PIECE = 4 * 1024 * 1024
LIFE = timedelta(hours=3)
RANGE = re.compile(r"^bytes (\d{1,12})-(\d{1,12})/(\d{1,12})$")
ADDRESS = re.compile(r"/AttachmentSessions\('([^']+)'\)$")
ITEM = {"attachmentType", "name", "size", "contentType", "isInline", "contentId"}


def create(call: Call) -> Response:
    """POST createUploadSession: 201 with the address for the pieces. Raises 400 below 3 MB and above 150 MB."""
    item = call.parameters("AttachmentItem").get("AttachmentItem")
    _check(item)
    assert isinstance(item, dict)
    expires = stamp(call.now + LIFE)
    made = (fresh_id(DEFAULT_STEM), secrets.token_urlsafe(48))
    with call.store.write() as db:
        draft = drafts.need_draft(call.message(db))
        kept = (draft["mailbox"], draft["immutable_id"], item["name"], item["size"], item.get("contentType"))
        rest = (bool(item.get("isInline")), item.get("contentId"), expires)
        db.execute("INSERT INTO graph_upload VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", (*made, *kept, *rest))
    where = f"{_owner(call, draft)}/AttachmentSessions('{made[0]}')"
    url = f"https://{_host(call.request.host)}{PREFIX}{quote(where, safe='/()@=' + chr(39))}?authtoken={made[1]}"
    context = f"{call.root}/$metadata#microsoft.graph.uploadSession"
    shown = {"uploadUrl": url, "expirationDateTime": expires, "nextExpectedRanges": ["0-"]}
    return answer(201, {"@odata.context": context} | shown)


def _owner(call: Call, draft: Row) -> str:
    return f"Users('{call.mailbox['user_id']}')/Messages('{call.message_id(draft)}')"


def _host(graph: str) -> str:
    """The other name of this machine: a client that follows only Graph's host would fail in the cloud too."""
    name, _, port = graph.partition(":")
    return f"{'localhost' if name == '127.0.0.1' else '127.0.0.1'}:{port or 443}"


def _check(item: object) -> None:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
        raise bad("createUploadSession needs an AttachmentItem with attachmentType, name and size.")
    unknown = [name for name in item if name not in ITEM and not name.startswith("@")]
    if unknown:
        words = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.attachmentItem'."
        raise bad(words)
    if item.get("attachmentType") != "file":
        # documented guess: pages name the kinds file, item and reference, and show sessions for files only
        raise bad("'attachmentType' of an upload session is 'file'.")
    attachments.check_lines(item)
    size = item.get("size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise bad("'size' of an AttachmentItem is a number of bytes.")
    if size < LEAST:
        words = f"An upload session is for files of {LEAST} bytes and more; use a POST on attachments."
        raise bad(words, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
    if size > MOST:
        # documented guess: the code; the border is documented
        words = f"The attachment is larger than {MOST} bytes."
        raise GraphError(413, "ErrorAttachmentSizeLimitExceeded", words)


class Uploads:
    """The host that takes the pieces. Every answer has the error shape of Graph."""

    name = "graph"

    def __init__(self, store: Database, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def handle(self, request: Request) -> Response:
        """PUT a piece, GET how far it is, DELETE to give up."""
        verbs = {"PUT": self._put, "GET": self._get, "DELETE": self._delete}
        try:
            if request.method not in verbs:
                raise GraphError(405, "MethodNotAllowed", "An upload session takes PUT, GET and DELETE.")
            return self._with_session(request, verbs[request.method])
        except GraphError as exc:
            date = stamp(self._clock.now()).removesuffix("Z")
            given = request.headers.get("client-request-id", "")
            return answer(exc.status, errors.body(exc, date, errors.new_id(), given))

    def unavailable(self, words: str) -> Response:
        """A 503 in the same shape."""
        error = GraphError(503, "serviceNotAvailable", words)
        return answer(
            503, errors.body(error, stamp(self._clock.now()).removesuffix("Z"), errors.new_id(), "")
        )

    def _with_session(
        self, request: Request, act: Callable[[Connection, Row, Request, datetime], Response]
    ) -> Response:
        if "Authorization" in request.headers:
            # documented guess: pages say that the header must not be sent; a token for Graph is no token here
            words = "The audience claim value is invalid for current resource: send no Authorization header."
            raise GraphError(401, "InvalidAudienceForResource", words)
        match = ADDRESS.search(request.path)
        now = self._clock.now()
        with self._store.write() as db:
            sql = "SELECT * FROM graph_upload WHERE id = ? AND secret = ? AND expires > ?"
            key = (match[1] if match else "", request.args.get("authtoken", ""), stamp(now))
            found = row(db, sql, *key)
            if found is None:
                raise GraphError(404, "ErrorItemNotFound", "The upload session was not found or is over.")
            return act(db, found, request, now)

    def _get(self, db: Connection, session: Row, request: Request, now: datetime) -> Response:  # noqa: ARG002
        return _state(request, session)

    def _delete(self, db: Connection, session: Row, request: Request, now: datetime) -> Response:  # noqa: ARG002
        _forget(db, session)
        return answer(204)

    def _put(self, db: Connection, session: Row, request: Request, now: datetime) -> Response:
        end = _piece_end(session, request)
        raw = request.get_data()
        db.execute("INSERT INTO graph_piece VALUES (?, ?, ?)", (session["id"], session["got"], raw))
        db.execute("UPDATE graph_upload SET got = ? WHERE id = ?", (end, session["id"]))
        if end < session["size"]:
            return _state(request, {**session, "got": end})
        made = _finish(db, session, now)
        response = answer(201)
        owner = request.base_url.rpartition("/AttachmentSessions")[0]
        response.headers["Location"] = f"{owner}/Attachments('{made['id']}')"
        return response


def _piece_end(session: Row, request: Request) -> int:
    """Where the next piece has to begin. Raises 400 unless this one follows what is there, 413 above 4 MB."""
    match = RANGE.match(request.headers.get("Content-Range", ""))
    size = len(request.get_data())
    if match is None:
        raise bad("Content-Range is needed in the form bytes {start}-{end}/{total}.", "ErrorInvalidRequest")
    start, last, total = (int(number) for number in match.groups())
    if size > PIECE:
        # documented guess: pages advise to stay below 4 MB, the cap of every write
        raise GraphError(413, "RequestEntityTooLarge", f"A piece has at most {PIECE} bytes.")
    if size == 0 or last - start + 1 != size:
        raise bad("Content-Range does not fit the number of bytes sent.", "ErrorInvalidRequest")
    if total != session["size"] or last >= total:
        raise bad(
            f"The total of Content-Range is not the announced size {session['size']}.", "ErrorInvalidRequest"
        )
    if start != session["got"]:
        # documented guess: the code; the order is documented
        words = f"The range {start}-{last} is not the expected one; the next byte is {session['got']}."
        raise GraphError(416, "ErrorInvalidRange", words)
    return last + 1


def _state(request: Request, session: Row) -> Response:
    context = f"https://{request.host}{PREFIX}$metadata#AttachmentSessions/$entity"
    shown: Json = {"@odata.context": context, "ExpirationDateTime": session["expires"]}
    return answer(200, shown | {"nextExpectedRanges": [str(session["got"])]})


def _finish(db: Connection, session: Row, now: datetime) -> Row:
    draft = drafts.need_draft(messages.get(db, session["mailbox"], session["message"]))
    pieces = db.execute("SELECT content FROM graph_piece WHERE upload = ? ORDER BY start", (session["id"],))
    raw = b"".join(bytes(piece[0]) for piece in pieces)
    wanted = {"contentType": session["content_type"], "isInline": session["inline"]}
    wanted |= {"name": session["name"], "contentId": session["content_id"]}
    made = attachments.put(db, draft, wanted, raw)
    _forget(db, session)
    draft["doc"]["hasAttachments"] = attachments.visible(db, draft)
    messages.save(db, draft, now)
    return made


def _forget(db: Connection, session: Row) -> None:
    db.execute("DELETE FROM graph_piece WHERE upload = ?", (session["id"],))
    db.execute("DELETE FROM graph_upload WHERE id = ?", (session["id"],))
