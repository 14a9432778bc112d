"""translateExchangeIds: from one form of id to another (reference 3.3)."""

from werkzeug import Response

from sandbox.graph.call import Call, answer
from sandbox.graph.errors import bad, not_offered
from sandbox.graph.values import Json, row

MOST = 1000
FORMATS = ("entryId", "ewsId", "immutableEntryId", "restId", "restImmutableEntryId")
COLUMNS = {"restId": "current_id", "restImmutableEntryId": "immutable_id"}


def ids(call: Call) -> Response:
    """POST translateExchangeIds. Raises 400 above 1,000 ids, 501 for the forms of other protocols."""
    body = call.parameters("inputIds", "sourceIdType", "targetIdType")
    given = body.get("inputIds")
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise bad("inputIds is a list of ids.")
    if len(given) > MOST:
        raise bad(f"At most {MOST} ids are translated at once.", "ErrorInvalidRequest")
    source, target = _column(body, "sourceIdType"), _column(body, "targetIdType")
    context = f"{call.root}/$metadata#Collection(microsoft.graph.convertIdResult)"
    return answer(
        200, {"@odata.context": context, "value": [_one(call, name, source, target) for name in given]}
    )


def _column(body: Json, name: str) -> str:
    if body.get(name) not in FORMATS:
        raise bad(f"'{name}' is one of {', '.join(FORMATS)}.")
    if body[name] not in COLUMNS:
        raise not_offered(f"ids of the form {body[name]}")
    return COLUMNS[body[name]]


def _one(call: Call, name: str, source: str, target: str) -> Json:
    sql = f"SELECT {target} AS found FROM graph_message WHERE mailbox = ? AND {source} = ?"
    known = row(call.db, sql, call.address, name)
    if known is not None:
        return {"sourceId": name, "targetId": known["found"]}
    # documented guess: the member is in the metadata, its content is not described
    error = {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}
    return {"sourceId": name, "targetId": None, "errorDetails": error}
