"""Which messages a table takes: `sdkmessages` and `sdkmessagefilters` (reference dataverse.md section 6).

Programs ask here whether a table knows CreateMultiple and its kin before they send it."""

import sqlite3
import uuid

NAMES = (
    "Create", "Update", "Delete", "Retrieve", "RetrieveMultiple", "Assign", "Associate", "Disassociate",
    "CreateMultiple", "UpdateMultiple", "UpsertMultiple",
)  # fmt: skip
SPACE = uuid.UUID("9ebdbb1b-ea3e-db11-86a7-000a3a5473e8")
# One row for each custom table and message. The id of a filter is that of its table with the head of its message's,
# so that tables that come and go need no bookkeeping.
FILTERS = """CREATE VIEW row_sdkmessagefilter AS
    SELECT substr(m.sdkmessageid, 1, 8) || substr(json_extract(d.body, '$.MetadataId'), 9) AS sdkmessagefilterid,
        m.sdkmessageid AS sdkmessageid, d.name AS primaryobjecttypecode, NULL AS createdon, NULL AS modifiedon,
        NULL AS overriddencreatedon, NULL AS createdby, NULL AS modifiedby,
        NULL AS createdonbehalfby, NULL AS modifiedonbehalfby, m.versionnumber AS versionnumber
    FROM dv_definitions d CROSS JOIN row_sdkmessage m
    WHERE d.kind = 'entity' AND json_extract(d.body, '$.IsCustomEntity') = 1"""


def seed(connection: sqlite3.Connection, version: int) -> None:
    """Put the messages in; the filters follow from the definitions, so they are a view."""
    for name in NAMES:
        row = (str(uuid.uuid5(SPACE, name)), name, version)
        connection.execute(
            "INSERT INTO row_sdkmessage (sdkmessageid, name, versionnumber) VALUES (?, ?, ?)", row
        )
    connection.execute("DROP TABLE row_sdkmessagefilter")
    connection.execute(FILTERS)
