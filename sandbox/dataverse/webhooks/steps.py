"""The enabled steps by message and table, as the rows say."""

from sqlite3 import Connection, Row

from sandbox.dataverse.webhooks.model import Image, Step
from sandbox.dataverse.webhooks.registration import names

type Steps = dict[tuple[str, str], list[Step]]

ENABLED = """SELECT s.*, m.name AS message, f.primaryobjecttypecode AS entity, e.url, e.authtype, k.value AS secret
    FROM row_sdkmessageprocessingstep s
    JOIN row_serviceendpoint e ON e.serviceendpointid = s.eventhandler
    JOIN dv_webhook_secret k ON k.endpoint = e.serviceendpointid
    JOIN row_sdkmessage m ON m.sdkmessageid = s.sdkmessageid
    JOIN row_sdkmessagefilter f ON f.sdkmessagefilterid = s.sdkmessagefilterid
    WHERE s.statecode = 0 ORDER BY s.rank, s.createdon, s.sdkmessageprocessingstepid"""
IMAGES = "SELECT * FROM row_sdkmessageprocessingstepimage WHERE sdkmessageprocessingstepid = ?"


def load(db: Connection) -> Steps:
    """Read all enabled steps, in the order of their rank."""
    found: Steps = {}
    for row in db.execute(ENABLED).fetchall():
        step = _step(db, row)
        found.setdefault((step.message, step.table), []).append(step)
    return found


def _step(db: Connection, row: Row) -> Step:
    images = db.execute(IMAGES, (row["sdkmessageprocessingstepid"],)).fetchall()
    return Step(
        id=row["sdkmessageprocessingstepid"],
        name=row["name"],
        message=row["message"],
        table=row["entity"],
        waited_for=row["mode"] == 0,
        deletes_job=bool(row["asyncautodelete"]),
        columns=frozenset(names(row["filteringattributes"])),
        url=row["url"],
        auth_type=row["authtype"],
        auth_value=row["secret"],
        images=tuple(
            Image(one["entityalias"], one["imagetype"], tuple(names(one["attributes"]))) for one in images
        ),
        user=row["impersonatinguserid"],
    )
