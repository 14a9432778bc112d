"""The delta feed of a folder."""

import random

import pytest
import requests

from sandbox.tenant import Tenant

DELTA = "/mailFolders/inbox/messages/delta"
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


def test_moved_and_deleted_mail_is_removed(graph, box):
    first, second = box.deliver(), box.deliver()
    _, link = follow(graph, box.path + DELTA)
    move(box, first, "archive")
    graph.post(f"{box.path}/messages/{second}/permanentDelete")
    entries, _ = follow(graph, link)
    assert [entry["id"] for entry in entries] == [first, second]
    assert all(entry["@removed"] == {"reason": "deleted"} for entry in entries)


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
def test_forbidden_first_options_are_refused(graph, box, query):
    assert graph.get(f"{box.path}{DELTA}?{query}").status_code == 400


def test_allowed_first_options_bound_and_sort(graph, box, tenant):
    box.deliver()
    url = box.path + DELTA + "?$filter=receivedDateTime ge {}&$orderby=receivedDateTime desc"
    assert len(follow(graph, url.format("2000-01-01T00:00:00Z"))[0]) == 1
    assert follow(graph, url.format("2999-01-01T00:00:00Z"))[0] == []
    _, link = follow(graph, box.path + DELTA + "?changeType=deleted")
    box.deliver()
    assert follow(graph, link)[0] == []


def test_a_link_is_bound_to_its_query(graph, box, new_box):
    _, link = follow(graph, box.path + DELTA)
    other_ids = graph.get(link, headers=DEFAULT)
    assert (other_ids.status_code, other_ids.json()["error"]["code"]) == (400, "SyncStateInvalid")
    assert graph.get(link + "&$select=subject").status_code == 400
    elsewhere = graph.get(link.replace(box.address, new_box().address))
    assert elsewhere.status_code == 400


def test_tokens_lapse_when_told_to_and_by_age(graph, box, tenant):
    _, link = follow(graph, box.path + DELTA)
    control = box.control.removesuffix("/mailboxes")
    graph.web.post(control + "/graph/expire-delta", timeout=10)
    lapsed = graph.get(link)
    assert (lapsed.status_code, lapsed.json()["error"]["code"]) == (410, "SyncStateNotFound")
    _, link = follow(graph, box.path + DELTA)
    assert graph.get(link).status_code == 200
    graph.web.put(control + "/graph", json={"deltaMinutes": 30}, timeout=10)
    graph.web.post(control + "/clock/advance", json={"seconds": 3600}, timeout=10)
    assert graph.get(link).status_code == 410
    graph.web.put(control + "/graph", json={"deltaMinutes": 0}, timeout=10)
    assert graph.get(link).status_code == 200


def test_a_page_may_be_empty_and_still_have_a_next_one(graph, box):
    control = box.control.removesuffix("/mailboxes")
    message = box.deliver()
    graph.web.put(control + "/graph", json={"quirks": {"empty": 1}}, timeout=10)
    try:
        first = graph.get(box.path + DELTA).json()
        assert (first["value"], "@odata.nextLink" in first) == ([], True)
        entries, link = follow(graph, box.path + DELTA)
        assert [entry["id"] for entry in entries] == [message]
        assert follow(graph, link)[0] == []
    finally:
        graph.web.put(control + "/graph", json={"quirks": {}}, timeout=10)


def test_an_unknown_folder_cannot_be_synchronised(graph, box):
    answer = graph.get(box.path + "/mailFolders/nowhere/messages/delta")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ErrorSyncFolderNotFound")


@pytest.mark.parametrize("seed", range(4))
def test_whoever_follows_the_feed_and_asks_after_removed_ids_knows_the_folder(graph, box, seed):
    chance, known, everything = random.Random(seed), set(), []
    inbox = graph.get(box.path + "/mailFolders/inbox").json()["id"]

    def act():
        if not everything or chance.random() < 0.4:
            everything.append(box.deliver())
            return
        message = chance.choice(everything)
        what = chance.choice(["archive", "inbox", "read", "gone"])
        if what == "read":
            graph.call("PATCH", f"{box.path}/messages/{message}", json={"isRead": True})
        elif what == "gone":
            everything.remove(message)
            graph.post(f"{box.path}/messages/{message}/permanentDelete")
        else:
            move(box, message, what)

    def take(url):
        page = graph.get(
            url, headers={"Prefer": f'IdType="ImmutableId", odata.maxpagesize={chance.randint(1, 4)}'}
        )
        for entry in page.json()["value"]:
            found = (
                graph.get(f"{box.path}/messages/{entry['id']}?$select=parentFolderId")
                if removed(entry)
                else None
            )
            here = found is None or (found.status_code == 200 and found.json()["parentFolderId"] == inbox)
            (known.add if here else known.discard)(entry["id"])
        body = page.json()
        return body.get("@odata.nextLink"), body.get("@odata.deltaLink")

    link = box.path + DELTA
    for _ in range(12):
        for _ in range(chance.randint(0, 4)):
            act()
        following, delta = take(link)
        link = following or delta
    quiet = 0
    while quiet < 2:  # the round under way, and one that saw everything
        following, delta = take(link)
        link, quiet = following or delta, quiet + (delta is not None)
    assert known == {message["id"] for message in box.listed(query="?$top=100")}


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
