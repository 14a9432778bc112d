import pytest

from connectors.graph_errors import failure
from connectors.graph_rights import needed
from sync.errors import Forbidden

MAILBOX = "/users/hr@northgate.example"


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", f"{MAILBOX}/mailFolders('inbox')/messages/delta?$select=id", "Application Mail.Read"),
        ("GET", f"https://graph.microsoft.com/v1.0{MAILBOX}/messages/AAk/$value", "Application Mail.Read"),
        ("PATCH", f"/v1.0{MAILBOX}/messages/AAk", "Application Mail.ReadWrite"),
        ("POST", f"{MAILBOX}/messages/AAk/createReply", "Application Mail.ReadWrite"),
        ("POST", f"{MAILBOX}/messages/AAk/send", "Application Mail.Send"),
        ("POST", f"{MAILBOX}/sendMail", "Application Mail.Send"),
        ("GET", "/sites/a,b,c/lists/d/items/delta", "Sites.Selected with the role read"),
        ("PATCH", "/sites/a,b,c/lists/d/items/7/fields", "Sites.Selected with the role write"),
        ("POST", "/sites/a,b,c/lists", "Sites.Selected with the role fullcontrol"),
        ("POST", "/sites/a,b,c/permissions", "Sites.Selected with the role fullcontrol"),
        ("GET", MAILBOX, "User.Read.All"),
    ],
)
def test_every_call_of_ours_knows_its_permission(method: str, path: str, name: str) -> None:
    right = needed(method, path)
    assert right is not None
    assert right.name == name


def test_an_unknown_call_names_none_rather_than_a_wrong_one() -> None:
    assert needed("GET", "/planner/tasks") is None


def test_a_refusal_names_the_missing_permission_and_not_the_mailbox() -> None:
    body = {"error": {"code": "ErrorAccessDenied", "message": "Access to OData is disabled."}}
    error = failure("POST", f"{MAILBOX}/messages/AAk/send", 403, body, {})
    assert isinstance(error, Forbidden)
    assert "Application Mail.Send" in str(error)
    assert "hr@" not in str(error)
