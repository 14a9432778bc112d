"""Folders: making, naming, moving, ending them, and their own delta feed."""

import pytest

DELTA = "/mailFolders/delta"


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def make(box, name, parent="inbox"):
    made = box.graph.post(f"{box.path}/mailFolders/{parent}/childFolders", {"displayName": name})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def names(box, parent="inbox", query=""):
    children = box.graph.get(f"{box.path}/mailFolders/{parent}/childFolders{query}").json()["value"]
    return [child["displayName"] for child in children]


@pytest.mark.covers("mail.folders.list", "mail.folders.create")
def test_folders_are_made_once_and_listed(graph, box):
    made = graph.post(box.path + "/mailFolders/inbox/childFolders", {"displayName": "Done"})
    assert made.status_code == 201
    again = graph.post(box.path + "/mailFolders/inbox/childFolders", {"displayName": "done"})
    assert code(again) == (409, "ErrorFolderExists")
    assert names(box) == ["Done"]
    folders = graph.get(box.path + "/mailFolders?$count=true").json()
    assert {"Inbox", "Sent Items", "Drafts"} <= {folder["displayName"] for folder in folders["value"]}
    assert folders["@odata.count"] == len(folders["value"])
    for unusable in ({}, {"displayName": " "}, {"displayName": "x" * 300}):
        assert code(graph.post(box.path + "/mailFolders", unusable)) == (400, "ErrorInvalidRequest")
    assert code(graph.post(box.path + "/mailFolders", {"displayName": "a", "size": 1})) == (400, "BadRequest")


@pytest.mark.covers("mail.folders.list")
def test_a_folder_is_found_by_its_name(graph, box):
    make(box, "It's done")
    make(box, "Other")
    assert names(box, query="?$filter=displayName eq 'it''s done'") == ["It's done"]
    answer = graph.get(box.path + "/mailFolders?$filter=totalItemCount gt 1")
    assert code(answer) == (501, "notImplemented")
    assert code(graph.get(box.path + "/mailFolders?$count=maybe")) == (400, "BadRequest")


@pytest.mark.covers("mail.folders.patch")
def test_a_folder_gets_another_name(graph, box):
    folder, _ = make(box, "Done"), make(box, "Other")
    path = f"{box.path}/mailFolders/{folder}"
    assert graph.call("PATCH", path, json={"displayName": "Finished"}).json()["displayName"] == "Finished"
    assert code(graph.call("PATCH", path, json={"displayName": "OTHER"})) == (409, "ErrorFolderExists")
    assert code(graph.call("PATCH", path, json={"parentFolderId": "inbox"})) == (400, "BadRequest")
    standard = graph.call("PATCH", box.path + "/mailFolders/inbox", json={"displayName": "In"})
    assert standard.status_code == 400


@pytest.mark.covers("mail.folders.move")
def test_a_folder_moves_with_its_messages(graph, box):
    outer, inner = make(box, "Outer"), make(box, "Inner")
    message = box.deliver()
    graph.post(f"{box.path}/messages/{message}/move", {"destinationId": inner})
    moved = graph.post(f"{box.path}/mailFolders/{inner}/move", {"destinationId": outer})
    assert (moved.status_code, moved.json()["id"], moved.json()["parentFolderId"]) == (201, inner, outer)
    assert [found["id"] for found in box.listed(inner)] == [message]
    into_itself = graph.post(f"{box.path}/mailFolders/{outer}/move", {"destinationId": inner})
    assert code(into_itself) == (400, "ErrorMoveCopyFailed")
    make(box, "Inner")
    same_name = graph.post(f"{box.path}/mailFolders/{inner}/move", {"destinationId": "inbox"})
    assert code(same_name) == (409, "ErrorFolderExists")
    assert code(graph.post(f"{box.path}/mailFolders/{inner}/move", {})) == (400, "ErrorInvalidRequest")


@pytest.mark.covers("mail.folders.delete")
def test_a_deleted_folder_lies_in_deleted_items_and_then_nowhere(graph, box):
    folder, message = make(box, "Done"), box.deliver()
    graph.post(f"{box.path}/messages/{message}/move", {"destinationId": folder})
    path = f"{box.path}/mailFolders/{folder}"
    assert graph.call("DELETE", path).status_code == 204
    assert (names(box), names(box, "deleteditems")) == ([], ["Done"])
    assert [found["id"] for found in box.listed(folder)] == [message]
    assert graph.call("DELETE", path).status_code == 204
    assert code(graph.get(path)) == (404, "ErrorItemNotFound")
    assert graph.get(f"{box.path}/messages/{message}").status_code == 404
    gone = make(box, "Gone")
    assert graph.post(f"{box.path}/mailFolders/{gone}/permanentDelete").status_code == 204
    assert names(box, "deleteditems") == []
    standard = graph.call("DELETE", box.path + "/mailFolders/inbox")
    assert code(standard) == (400, "ErrorDeleteDistinguishedFolder")


@pytest.mark.covers("mail.folders.through")
def test_a_message_is_found_only_through_the_folder_it_lies_in(graph, box):
    message = box.deliver()
    inside = f"{box.path}/mailFolders/inbox/messages/{message}"
    outside = f"{box.path}/mailFolders/archive/messages/{message}"
    assert graph.get(inside).status_code == 200
    assert code(graph.get(outside)) == (404, "ErrorItemNotFound")
    for path in (f"{outside}/$value", f"{outside}/attachments"):
        assert code(graph.get(path)) == (404, "ErrorItemNotFound")
    assert code(graph.call("PATCH", outside, json={"isRead": True})) == (404, "ErrorItemNotFound")
    assert code(graph.post(f"{outside}/move", {"destinationId": "inbox"})) == (404, "ErrorItemNotFound")
    assert graph.post(f"{inside}/move", {"destinationId": "archive"}).status_code == 201
    assert graph.get(outside).status_code == 200


@pytest.mark.covers("mail.folders.delta")
@pytest.mark.parametrize("spelling", [DELTA, DELTA + "()"])
def test_the_feed_of_folders_tells_of_folders_only(graph, box, spelling):
    def follow(url):
        found = []
        while url:
            page = graph.get(url, headers={"Prefer": "odata.maxpagesize=3"}).json()
            found += page["value"]
            link, url = page.get("@odata.deltaLink"), page.get("@odata.nextLink")
        return found, link

    first, link = follow(f"{box.path}{spelling}?$select=displayName")
    assert {"Inbox", "Drafts", "Archive"} <= {folder["displayName"] for folder in first}
    assert set(first[0]) == {"@odata.type", "id", "displayName"}
    assert follow(link)[0] == []
    done, gone = make(box, "Done"), make(box, "Gone")
    box.deliver()
    graph.call("PATCH", f"{box.path}/mailFolders/{done}", json={"displayName": "Finished"})
    changed, link = follow(link)
    assert {folder["id"]: folder["displayName"] for folder in changed} == {done: "Finished", gone: "Gone"}
    graph.post(f"{box.path}/mailFolders/{gone}/permanentDelete")
    (removed,), link = follow(link)
    assert (removed["id"], removed["@removed"]) == (gone, {"reason": "deleted"})


@pytest.mark.covers("mail.folders.delta")
def test_a_link_of_the_feed_of_folders_is_bound_to_its_mailbox(graph, box, new_box):
    link = graph.get(f"{box.path}{DELTA}?$top=50").json()["@odata.deltaLink"]
    foreign = graph.get(link.replace(box.address, new_box().address))
    assert code(foreign) == (400, "SyncStateInvalid")
    assert code(graph.get(link[:-1])) == (400, "SyncStateInvalid")
    assert code(graph.get(link + "&$top=5")) == (400, "BadRequest")
    messages = graph.get(f"{box.path}/mailFolders/inbox/messages/delta").json()["@odata.deltaLink"]
    token = messages.partition("deltatoken=")[2]
    assert code(graph.get(f"{box.path}{DELTA}?$deltatoken={token}")) == (400, "SyncStateInvalid")


@pytest.mark.covers("mail.folders.delta", "mail.delta.lapsed")
def test_tokens_of_folders_lapse_too(own_box):
    link = own_box.graph.get(f"{own_box.path}{DELTA}?$top=50").json()["@odata.deltaLink"]
    own_box.graph.web.post(f"{own_box.sandbox}/graph/expire-delta", timeout=10)
    lapsed = own_box.graph.get(link)
    assert code(lapsed) == (410, "SyncStateNotFound")
    assert own_box.graph.get(lapsed.headers["Location"]).status_code == 200
