"""The delta feed of a folder."""

import pytest
import requests

from sandbox.tenant import Tenant

DELTA = "/mailFolders/inbox/messages/delta"
KINDS = ("created", "updated", "deleted")
DEFAULT = {"Prefer": "odata.maxpagesize=50"}


def follow(graph, url, **headers):
    """Every entry of a round, and its delta link."""
    entries = []
    while True:
        page = graph.get(url, headers=headers)
        assert page.status_code == 200, page.text
        body = page.json()
        assert ("@odata.nextLink" in body) != ("@odata.deltaLink" in body)
        entries += body["value"]
        if "@odata.deltaLink" in body:
            return entries, body["@odata.deltaLink"]
        url = body["@odata.nextLink"]


def move(box, message, folder):
    answer = box.graph.post(f"{box.path}/messages/{message}/move", {"destinationId": folder})
    assert answer.status_code == 201
    return answer.json()


def removed(entry):
    return "@removed" in entry


@pytest.mark.parametrize("spelling", ["/delta", "/delta()", "/microsoft.graph.delta()"])
@pytest.mark.covers("mail.delta.round")
def test_a_round_gives_everything_once_and_the_next_what_changed(graph, box, spelling):
    sent = {box.deliver() for _ in range(5)}
    url = box.path + "/mailFolders('inbox')/messages" + spelling + "?$select=subject"
    page_of_two = {"Prefer": 'IdType="ImmutableId", odata.maxpagesize=2'}
    entries, link = follow(graph, url, **page_of_two)
    assert [len(entries), {entry["id"] for entry in entries}] == [5, sent]
    assert set(entries[0]) == {"@odata.type", "@odata.etag", "id", "subject"}
    assert follow(graph, link, **page_of_two)[0] == []
    late = box.deliver(subject="late")
    entries, link = follow(graph, link, **page_of_two)
    assert [(entry["id"], entry["subject"]) for entry in entries] == [(late, "late")]
    assert follow(graph, link, **page_of_two)[0] == []


def test_a_link_can_be_followed_again(graph, box):
    _, link = follow(graph, box.path + DELTA)
    message = box.deliver()
    assert [entry["id"] for entry in follow(graph, link)[0]] == [message]
    assert [entry["id"] for entry in follow(graph, link)[0]] == [message]


@pytest.mark.covers("mail.delta.removed")
def test_moved_and_deleted_mail_is_removed(graph, box):
    first, second = box.deliver(), box.deliver()
    _, link = follow(graph, box.path + DELTA)
    move(box, first, "archive")
    graph.post(f"{box.path}/messages/{second}/permanentDelete")
    entries, _ = follow(graph, link)
    assert [entry["id"] for entry in entries] == [first, second]
    assert all(entry["@removed"] == {"reason": "deleted"} for entry in entries)


@pytest.mark.covers("mail.delta.aba")
def test_there_and_back_shows_as_removed_only(graph, box):
    message = box.deliver()
    _, link = follow(graph, box.path + DELTA)
    move(box, message, "archive")
    move(box, message, "inbox")
    entries, link = follow(graph, link)
    assert [(entry["id"], removed(entry)) for entry in entries] == [(message, True)]
    assert graph.get(f"{box.path}/messages/{message}").status_code == 200
    assert follow(graph, link)[0] == []


def test_with_default_ids_there_and_back_is_another_message(graph, box):
    message = box.deliver()
    entries, link = follow(graph, box.path + DELTA, **DEFAULT)
    before = entries[0]["id"]
    assert before != message
    move(box, message, "archive")
    move(box, message, "inbox")
    entries, _ = follow(graph, link, **DEFAULT)
    assert [removed(entry) for entry in entries] == [True, False]
    assert entries[0]["id"] == before != entries[1]["id"]


@pytest.mark.covers("mail.delta.readmark")
def test_a_read_mark_brings_less_than_was_selected(graph, box):
    message = box.deliver()
    _, link = follow(graph, box.path + DELTA)
    graph.call("PATCH", f"{box.path}/messages/{message}", json={"isRead": True})
    entries, _ = follow(graph, link)
    assert set(entries[0]) == {"@odata.type", "@odata.etag", "id", "isRead", "parentFolderId"}


@pytest.mark.parametrize(
    "query",
    ["$filter=isRead eq true", "$orderby=subject", "$search=x", "changeType=moved"],
)
@pytest.mark.covers("mail.delta.options")
def test_forbidden_first_options_are_refused(graph, box, query):
    assert graph.get(f"{box.path}{DELTA}?{query}").status_code == 400


@pytest.mark.covers("mail.delta.options")
def test_allowed_first_options_bound_and_sort(graph, box, tenant):
    box.deliver()
    url = box.path + DELTA + "?$filter=receivedDateTime ge {}&$orderby=receivedDateTime desc"
    assert len(follow(graph, url.format("2000-01-01T00:00:00Z"))[0]) == 1
    assert follow(graph, url.format("2999-01-01T00:00:00Z"))[0] == []
    _, link = follow(graph, box.path + DELTA + "?changeType=deleted")
    box.deliver()
    assert follow(graph, link)[0] == []


MORE = """WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5010)
    INSERT INTO graph_message (immutable_id, current_id, mailbox, folder, conversation, received, created,
        modified, is_draft, doc, change, full_change, entered)
    SELECT immutable_id || x, current_id || x, mailbox, folder, conversation, received, created,
        modified, 0, doc, change + x, change + x, change + x FROM graph_message, n WHERE seq = 1"""


@pytest.mark.covers("mail.delta.options")
def test_a_filtered_round_brings_at_most_5000_messages(visit):
    with Tenant() as running, requests.Session() as session:
        box = visit(running, session)
        box.deliver()
        with running.store.write() as db:
            db.execute(MORE)
            db.execute("UPDATE graph_setting SET value = value + 6000 WHERE name = 'change'")
        pages = {"Prefer": "odata.maxpagesize=900"}
        url = f"{box.path}{DELTA}?$select=isRead"
        assert len(follow(box.graph, url, **pages)[0]) == 5011
        bounded = url + "&$filter=receivedDateTime ge 2000-01-01T00:00:00Z"
        entries, link = follow(box.graph, bounded, **pages)
        assert len(entries) == 5000
        assert follow(box.graph, link, **pages)[0] == []


@pytest.mark.covers("mail.delta.query")
def test_a_link_is_bound_to_its_query(graph, box, new_box):
    _, link = follow(graph, box.path + DELTA)
    other_ids = graph.get(link, headers=DEFAULT)
    assert (other_ids.status_code, other_ids.json()["error"]["code"]) == (400, "SyncStateInvalid")
    assert graph.get(link + "&$select=subject").status_code == 400
    elsewhere = graph.get(link.replace(box.address, new_box().address))
    assert elsewhere.status_code == 400


@pytest.mark.covers("mail.delta.lapsed")
def test_tokens_lapse_when_told_to_and_by_age(own_box):
    graph, box = own_box.graph, own_box
    _, link = follow(graph, box.path + DELTA)
    graph.web.post(f"{box.sandbox}/graph/expire-delta", timeout=10)
    lapsed = graph.get(link)
    assert (lapsed.status_code, lapsed.json()["error"]["code"]) == (410, "SyncStateNotFound")
    message = box.deliver()
    entries, link = follow(graph, lapsed.headers["Location"])
    assert [entry["id"] for entry in entries] == [message]
    box.switch(deltaMinutes=30)
    box.advance(3600)
    lapsed = graph.get(link)
    assert (lapsed.status_code, lapsed.json()["error"]["code"]) == (410, "resyncRequired")
    assert lapsed.headers["Location"].endswith("$deltatoken=")
    box.switch(deltaMinutes=0)
    assert graph.get(link).status_code == 200


@pytest.mark.covers("mail.delta.options")
def test_created_updated_and_deleted_can_be_followed_apart(graph, box):
    first, second = box.deliver(), box.deliver()
    links = {kind: follow(graph, f"{box.path}{DELTA}?changeType={kind}")[1] for kind in KINDS}
    third = box.deliver()
    for message in (first, third):
        graph.call("PATCH", f"{box.path}/messages/{message}", json={"categories": ["A"]})
    move(box, second, "archive")
    found = {kind: [entry["id"] for entry in follow(graph, links[kind])[0]] for kind in KINDS}
    assert found == {"created": [third], "updated": [first], "deleted": [second]}


def test_an_unknown_folder_cannot_be_synchronised(graph, box):
    answer = graph.get(box.path + "/mailFolders/nowhere/messages/delta")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ErrorSyncFolderNotFound")


def test_mail_and_tokens_outlive_the_process(tmp_path, visit):
    with Tenant(tmp_path) as running, requests.Session() as session:
        box = visit(running, session)
        session.put(f"{box.control}/{box.address}", json={}, timeout=10)
        message = box.deliver()
        _, link = follow(box.graph, box.path + DELTA)
        move(box, message, "archive")
    with Tenant(tmp_path) as running, requests.Session() as session:
        box = visit(running, session)
        assert [entry["id"] for entry in follow(box.graph, link.partition("/v1.0")[2])[0]] == [message]
        assert box.graph.get(f"{box.path}/messages/{message}").status_code == 200
