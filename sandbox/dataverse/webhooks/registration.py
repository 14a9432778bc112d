"""Rules of the rows that register a webhook, checked when such a row has been written (dataverse.md section 10).

What the documents do not say is refused with 400 and 0x80040203 (documented guess)."""

from sqlite3 import Connection, Row

from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.errors import DataverseError, not_offered
from sandbox.dataverse.webhooks.endpoints import callable_reason
from sandbox.dataverse.webhooks.model import (
    AFTER,
    CREATE,
    DELETE,
    HEADERS,
    KEY,
    MESSAGES,
    POST,
    PRE,
    QUERY,
    UPDATE,
    WEBHOOK,
)

ENDPOINT, STEP, IMAGE = "serviceendpoint", "sdkmessageprocessingstep", "sdkmessageprocessingstepimage"
OWN = (ENDPOINT, STEP, IMAGE)
MESSAGE = """SELECT m.name AS message, f.primaryobjecttypecode AS entity, f.sdkmessageid AS filtered,
    s.sdkmessageid AS wanted FROM row_sdkmessageprocessingstep s
    JOIN row_sdkmessage m ON m.sdkmessageid = s.sdkmessageid
    LEFT JOIN row_sdkmessagefilter f ON f.sdkmessagefilterid = s.sdkmessagefilterid
    WHERE s.sdkmessageprocessingstepid = ?"""
DEFAULTS = {
    STEP: {"rank": 1, "asyncautodelete": 0, "supporteddeployment": 0, "mode": 0},
    ENDPOINT: {},
    IMAGE: {},
}


def refused(words: str) -> DataverseError:
    return DataverseError(400, "0x80040203", words)


def check(db: Connection, catalogue: Catalogue, logical: str, row_id: str) -> None:
    """Check a row of one of the tables, as it is after the write. Raises `DataverseError`."""
    row = db.execute(f"SELECT * FROM row_{logical} WHERE {logical}id = ?", (row_id,)).fetchone()
    if logical == ENDPOINT:
        _endpoint(db, row)
    elif logical == STEP:
        _step(db, catalogue, row)
    else:
        _image(db, catalogue, row)


def complete(db: Connection, logical: str, row_id: str) -> None:
    """Give a new row what it has when nothing was said."""
    for name, value in DEFAULTS[logical].items():
        sql = f"UPDATE row_{logical} SET {name} = coalesce({name}, ?) WHERE {logical}id = ?"
        db.execute(sql, (value, row_id))


def _endpoint(db: Connection, row: Row) -> None:
    if row["contract"] is None or not row["name"]:
        raise refused("A service endpoint needs 'name' and 'contract'.")
    if row["contract"] != WEBHOOK:
        raise not_offered("service endpoints other than webhooks (contract 8)")
    reason = callable_reason(row["url"] or "")
    if reason is not None:
        raise refused(f"The 'url' of a webhook cannot be called: {reason}.")
    if row["authtype"] not in (KEY, HEADERS, QUERY):
        raise refused("The 'authtype' of a webhook is 4 (WebhookKey), 5 (HttpHeader) or 6 (HttpQueryString).")
    hide(db, row["serviceendpointid"], row["authvalue"])
    sql = "SELECT 1 FROM dv_webhook_secret WHERE endpoint = ?"
    if db.execute(sql, (row["serviceendpointid"],)).fetchone() is None:
        raise refused("A webhook needs an 'authvalue'.")


def hide(db: Connection, endpoint: str, value: str | None) -> None:
    """Keep the key of an endpoint where no query reaches it."""
    if value is not None:
        db.execute("INSERT OR REPLACE INTO dv_webhook_secret VALUES (?, ?)", (endpoint, value))
        db.execute("UPDATE row_serviceendpoint SET authvalue = NULL WHERE serviceendpointid = ?", (endpoint,))


def _step(db: Connection, catalogue: Catalogue, row: Row) -> None:
    if not row["name"] or row["eventhandler"] is None or row["sdkmessageid"] is None or row["stage"] is None:
        raise refused("A step needs 'name', 'stage', 'eventhandler_serviceendpoint' and 'sdkmessageid'.")
    if row["stage"] != AFTER:
        raise not_offered("steps of a webhook in other stages than 40 (post-operation)")
    found = db.execute(MESSAGE, (row["sdkmessageprocessingstepid"],)).fetchone()
    if found["message"] not in MESSAGES or found["entity"] is None:
        raise not_offered("steps other than for Create, Update or Delete of one table")
    if found["filtered"] != found["wanted"]:
        raise refused(f"The filter of the step is one of another message than {found['message']}.")
    if found["message"] == UPDATE:
        _columns(catalogue, found["entity"], row["filteringattributes"])


def _columns(catalogue: Catalogue, logical: str, said: str | None) -> None:
    for name in names(said):
        if name not in catalogue.table(logical).columns:
            words = f"'{logical}' entity doesn't contain attribute with Name = '{name}'."
            raise DataverseError(400, "0x80041103", words)


def names(said: str | None) -> list[str]:
    """Read a list of columns, as text with commas."""
    return [name.strip() for name in (said or "").split(",") if name.strip()]


def _image(db: Connection, catalogue: Catalogue, row: Row) -> None:
    if row["sdkmessageprocessingstepid"] is None or row["imagetype"] is None or not row["entityalias"]:
        raise refused("An image needs 'sdkmessageprocessingstepid', 'imagetype' and 'entityalias'.")
    found = db.execute(MESSAGE, (row["sdkmessageprocessingstepid"],)).fetchone()
    if (found["message"] == CREATE and row["imagetype"] != POST) or (
        found["message"] == DELETE and row["imagetype"] != PRE
    ):
        raise refused(f"A step on {found['message']} has no image of this type.")
    wanted = "Id" if found["message"] == CREATE else "Target"
    if row["messagepropertyname"] != wanted:
        raise refused(f"The 'messagepropertyname' of an image on {found['message']} is '{wanted}'.")
    _columns(catalogue, found["entity"], row["attributes"])


def deleted(db: Connection, logical: str, row_id: str) -> None:
    """Take along what belongs to a registration (documented guess: steps go with their endpoint)."""
    if logical == ENDPOINT:
        db.execute("DELETE FROM dv_webhook_secret WHERE endpoint = ?", (row_id,))
        sql = "SELECT sdkmessageprocessingstepid FROM row_sdkmessageprocessingstep WHERE eventhandler = ?"
        for (step,) in db.execute(sql, (row_id,)).fetchall():
            deleted(db, STEP, step)
        db.execute("DELETE FROM row_sdkmessageprocessingstep WHERE eventhandler = ?", (row_id,))
    elif logical == STEP:
        sql = "DELETE FROM row_sdkmessageprocessingstepimage WHERE sdkmessageprocessingstepid = ?"
        db.execute(sql, (row_id,))
