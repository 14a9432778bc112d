"""Answers of Dataverse as values."""

from connectors.calls import Reply
from dataverse.operations import Result, Row
from sync.errors import OutcomeUnknown


def json_row(reply: Reply) -> Row:
    """The JSON object of an answer. Raises OutcomeUnknown when a body is missing or no JSON."""
    if isinstance(reply.json, dict):
        return reply.json
    raise OutcomeUnknown(
        f"Dataverse answered {reply.status} with a body that is not JSON; something between may have failed",
        status=reply.status,
    )


def result(reply: Reply) -> Result:
    """What one call gave; no body is fine."""
    row = json_row(reply) if reply.body.strip() else None
    etag = reply.headers.get("etag") or (row or {}).get("@odata.etag")
    return Result(
        status=reply.status,
        row=row,
        etag=etag if isinstance(etag, str) else None,
        entity_id=reply.headers.get("odata-entityid"),
    )
