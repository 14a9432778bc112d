"""Attachments: upload sessions of large files, mails in mails, links, and those that cannot be read."""

import base64
import email
import email.policy

import pytest
import requests

from sandbox.tenant import Tenant

MB = 1024 * 1024
CONTENT = bytes(range(256)) * (5 * MB // 256) + b"end"
SIZE = len(CONTENT)
FILE = "#microsoft.graph.fileAttachment"


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def draft(box):
    made = box.graph.post(box.path + "/messages", {"subject": "Files"}).json()["id"]
    return f"{box.path}/messages/{made}"


def session(box, draft, size=SIZE, **more):
    item = {"attachmentType": "file", "name": "big.bin", "size": size, **more}
    return box.graph.post(f"{draft}/attachments/createUploadSession", {"AttachmentItem": item})


def put(box, url, start, raw, total=SIZE, **headers):
    """Without any token: the address is the permission."""
    said = {"Content-Range": f"bytes {start}-{start + len(raw) - 1}/{total}", **headers}
    return box.graph.web.put(url, data=raw, headers=said, timeout=60)


@pytest.mark.covers("mail.upload.create", "mail.upload.pieces", "mail.upload.state", "mail.attachments.size")
def test_a_large_file_is_put_on_a_draft_in_pieces(box, draft):
    made = session(box, draft, contentType="image/png", isInline=False)
    assert made.status_code == 201
    url = made.json()["uploadUrl"]
    assert url.split("/")[2] != box.graph.root.split("/")[2]
    assert made.json()["nextExpectedRanges"] == ["0-"]
    first = put(box, url, 0, CONTENT[: 4 * MB])
    assert (first.status_code, first.json()["nextExpectedRanges"]) == (200, [str(4 * MB)])
    assert first.json()["ExpirationDateTime"] == made.json()["expirationDateTime"]
    assert box.graph.get(f"{draft}/attachments").json()["value"] == []
    state = box.graph.web.get(url, timeout=10)
    assert (state.status_code, state.json()["nextExpectedRanges"]) == (200, [str(4 * MB)])
    last = put(box, url, 4 * MB, CONTENT[4 * MB :])
    assert (last.status_code, last.content) == (201, b"")
    (file,) = box.graph.get(f"{draft}/attachments?$select=id,name,size,contentType").json()["value"]
    assert last.headers["Location"].endswith(f"/Attachments('{file['id']}')")
    assert (file["name"], file["contentType"], file["@odata.type"]) == ("big.bin", "image/png", FILE)
    assert file["size"] > SIZE
    assert box.graph.get(f"{draft}/attachments/{file['id']}/$value").content == CONTENT
    assert box.graph.get(draft).json()["hasAttachments"] is True
    assert code(put(box, url, 0, b"x")) == (404, "ErrorItemNotFound")


@pytest.mark.covers("mail.upload.pieces")
def test_a_file_uploaded_in_pieces_travels_with_the_mail(box, draft, new_box):
    other = new_box()
    url = session(box, draft).json()["uploadUrl"]
    for start in (0, 4 * MB):
        put(box, url, start, CONTENT[start : start + 4 * MB])
    to = {"toRecipients": [{"emailAddress": {"address": other.address}}]}
    box.graph.call("PATCH", draft, json=to)
    assert box.graph.post(f"{draft}/send").status_code == 202
    (arrived,) = other.listed(query="?$expand=attachments")
    assert base64.b64decode(arrived["attachments"][0]["contentBytes"]) == CONTENT


@pytest.mark.covers("mail.upload.order")
def test_pieces_come_in_order_and_fit_what_was_announced(box, draft):
    url = session(box, draft).json()["uploadUrl"]
    assert code(put(box, url, MB, CONTENT[MB : 2 * MB])) == (416, "ErrorInvalidRange")
    assert put(box, url, 0, CONTENT[:MB]).status_code == 200
    for start in (0, MB // 2, 2 * MB):
        assert code(put(box, url, start, CONTENT[start : start + MB])) == (416, "ErrorInvalidRange")
    assert put(box, url, MB, CONTENT[: 4 * MB + 1]).status_code == 413
    assert code(put(box, url, MB, CONTENT[:MB], total=7 * MB)) == (400, "ErrorInvalidRequest")
    for wrong in ("", f"bytes {MB}-{MB + 5}/{SIZE}", "bytes 0-"):
        said = put(box, url, MB, b"x", **{"Content-Range": wrong})
        assert code(said) == (400, "ErrorInvalidRequest")
    assert box.graph.web.get(url, timeout=10).json()["nextExpectedRanges"] == [str(MB)]


@pytest.mark.covers("mail.upload.no_token")
def test_a_token_and_a_changed_address_are_refused_by_the_upload_host(box, draft):
    url = session(box, draft).json()["uploadUrl"]
    signed = {"Authorization": f"Bearer {box.graph.token}"}
    assert code(put(box, url, 0, CONTENT[:MB], **signed)) == (401, "InvalidAudienceForResource")
    assert code(put(box, url[:-1], 0, CONTENT[:MB])) == (404, "ErrorItemNotFound")
    assert box.graph.web.post(url, data=b"x", timeout=10).status_code == 405


@pytest.mark.covers("mail.upload.cancel")
def test_a_session_can_be_given_up(box, draft):
    url = session(box, draft).json()["uploadUrl"]
    put(box, url, 0, CONTENT[:MB])
    assert box.graph.web.delete(url, timeout=10).status_code == 204
    assert code(put(box, url, MB, CONTENT[MB : 2 * MB])) == (404, "ErrorItemNotFound")


@pytest.mark.covers("mail.upload.expiry")
def test_a_session_ends_on_the_clock_of_the_tenant(own_box):
    box = own_box
    made = box.graph.post(box.path + "/messages", {"subject": "Files"}).json()["id"]
    draft = f"{box.path}/messages/{made}"
    url = session(box, draft).json()["uploadUrl"]
    control = box.control.removesuffix("/mailboxes")
    box.graph.web.post(control + "/clock/advance", json={"seconds": 4 * 3600}, timeout=10)
    assert code(put(box, url, 0, CONTENT[:MB])) == (404, "ErrorItemNotFound")


@pytest.mark.covers("mail.upload.border", "mail.upload.cap")
def test_sessions_are_for_files_of_3_to_150_megabytes_on_drafts(box, draft):
    assert code(session(box, draft, 3 * MB - 1)) == (400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
    assert session(box, draft, 3 * MB).status_code == 201
    assert session(box, draft, 150 * MB).status_code == 201
    assert session(box, draft, 150 * MB + 1).status_code == 413
    assert code(session(box, f"{box.path}/messages/{box.deliver()}")) == (400, "ErrorInvalidOperation")
    for more in ({"colour": "red"}, {"attachmentType": "item"}, {"size": "5"}, {"name": ""}):
        assert code(session(box, draft, **{"size": SIZE, **more})) == (400, "BadRequest")


@pytest.mark.covers("mail.attachments.item")
def test_a_mail_in_a_mail_is_read_by_expanding_it_and_as_mime(box, draft, new_box):
    other = new_box()
    inner = {"@odata.type": "#microsoft.graph.message", "subject": "Inner", "importance": "high"}
    inner["body"] = {"contentType": "text", "content": "inside"}
    file = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Inner", "item": inner}
    made = box.graph.post(f"{draft}/attachments", file)
    assert (made.status_code, "contentBytes" in made.json()) == (201, False)
    box.graph.call(
        "PATCH", draft, json={"toRecipients": [{"emailAddress": {"address": other.address}}]}
    ).raise_for_status()
    box.graph.post(f"{draft}/send").raise_for_status()
    (arrived,) = other.listed()
    path = f"{other.path}/messages/{arrived['id']}/attachments"
    (plain,) = box.graph.get(path).json()["value"]
    assert (plain["@odata.type"], plain["contentType"], "item" in plain) == (
        "#microsoft.graph.itemAttachment",
        None,
        False,
    )
    expand = "?$expand=microsoft.graph.itemattachment/item"
    item = box.graph.get(f"{path}/{plain['id']}{expand}").json()["item"]
    assert (item["@odata.type"], item["subject"], item["id"]) == ("#microsoft.graph.message", "Inner", "")
    assert "inside" in item["body"]["content"]
    (listed,) = box.graph.get(path + expand).json()["value"]
    assert listed["item"]["subject"] == "Inner"
    raw = box.graph.get(f"{path}/{plain['id']}/$value").content
    assert email.message_from_bytes(raw, policy=email.policy.default)["Subject"] == "Inner"


@pytest.mark.covers("mail.attachments.item")
def test_items_that_are_no_mail_are_not_offered(box, draft):
    event = {"@odata.type": "#microsoft.graph.event", "subject": "x"}
    file = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "e", "item": event}
    assert box.graph.post(f"{draft}/attachments", file).status_code == 501
    del file["item"]
    assert code(box.graph.post(f"{draft}/attachments", file)) == (400, "BadRequest")


@pytest.mark.covers("mail.attachments.reference")
def test_a_link_has_no_bytes(box, draft):
    link = {"@odata.type": "#microsoft.graph.referenceAttachment", "name": "Plan"}
    made = box.graph.post(f"{draft}/attachments", link)
    assert (made.status_code, made.json()["@odata.type"]) == (201, link["@odata.type"])
    path = f"{draft}/attachments/{made.json()['id']}"
    assert "contentBytes" not in box.graph.get(path).json()
    assert code(box.graph.get(f"{path}/$value")) == (400, "ErrorInvalidRequest")
    beta = {**link, "sourceUrl": "https://contoso.example/plan"}
    assert code(box.graph.post(f"{draft}/attachments", beta)) == (400, "BadRequest")


@pytest.mark.covers("mail.attachments.defective")
@pytest.mark.parametrize("defect", ["ErrorCannotOpenFileAttachment", "ErrorCorruptData"])
def test_one_defective_attachment_spoils_a_list_that_brings_bytes(box, draft, defect):
    files = f"{draft}/attachments"
    ids = [
        box.graph.post(files, {"@odata.type": FILE, "name": name, "contentBytes": "YQ=="}).json()["id"]
        for name in ("good.txt", "bad.txt")
    ]
    control = box.control.removesuffix("/mailboxes") + "/graph/defective"
    box.graph.web.post(control, json={"attachment": ids[1], "code": defect}, timeout=10).raise_for_status()
    assert code(box.graph.get(files)) == (500, defect)
    assert code(box.graph.get(f"{draft}?$expand=attachments")) == (500, defect)
    assert code(box.graph.get(f"{files}/{ids[1]}")) == (500, defect)
    assert code(box.graph.get(f"{files}/{ids[1]}/$value")) == (500, defect)
    listed = box.graph.get(f"{files}?$select=id,name,size,contentType,isInline").json()["value"]
    assert [file["id"] for file in listed] == ids
    assert box.graph.get(f"{files}/{ids[0]}").json()["contentBytes"] == "YQ=="
    assert box.graph.get(f"{files}/{ids[1]}?$select=name").json()["name"] == "bad.txt"


def test_only_an_attachment_can_be_defective(box):
    control = box.control.removesuffix("/mailboxes") + "/graph/defective"
    assert box.graph.web.post(control, json={"attachment": "x"}, timeout=10).status_code == 400


@pytest.mark.covers("mail.upload.create")
def test_a_session_outlives_the_process(tmp_path, visit):
    with Tenant(tmp_path) as running, requests.Session() as web:
        box = visit(running, web)
        web.put(f"{box.control}/{box.address}", json={}, timeout=10)
        made = box.graph.post(box.path + "/messages", {"subject": "x"}).json()["id"]
        draft = f"{box.path}/messages/{made}"
        url = session(box, draft).json()["uploadUrl"]
        assert put(box, url, 0, CONTENT[:MB]).status_code == 200
    with Tenant(tmp_path) as running, requests.Session() as web:
        box = visit(running, web)
        again = f"{running.base}/" + url.split("/", 3)[3]
        assert box.graph.web.get(again, timeout=10).json()["nextExpectedRanges"] == [str(MB)]
