"""Lists: searching, counting, users, categories, translating ids."""

import pytest


def code(answer):
    return answer.status_code, answer.json()["error"]["code"]


def found(box, search, folder="/mailFolders/inbox", **options):
    answer = box.graph.get(f"{box.path}{folder}/messages", params={"$search": search, **options})
    assert answer.status_code == 200, answer.text
    return [message["subject"] for message in answer.json()["value"]]


@pytest.fixture
def letters(box):
    box.deliver(subject="Leave request", body="I need parental leave in May")
    box.deliver(subject="Laptop broken", body="My screen is dark. Please help")
    box.deliver(b"From: Bo Rand <bo@outside.example>\r\nSubject: Payslip\r\n\r\nWhere is it, please?\r\n")
    return box


@pytest.mark.covers("mail.search")
@pytest.mark.parametrize(
    ("search", "subjects"),
    [
        ('"leave"', {"Leave request"}),
        ('"leav"', {"Leave request"}),
        ('"eave"', set()),
        ("please", {"Laptop broken", "Payslip"}),
        ('"subject:laptop"', {"Laptop broken"}),
        ('"body:laptop"', set()),
        ('"from:bo@outside.example"', {"Payslip"}),
        ('"from:Rand AND please"', {"Payslip"}),
        ('"subject:leave OR subject:payslip"', {"Leave request", "Payslip"}),
        ('"\\"parental leave\\""', {"Leave request"}),
        ('"participants:ada"', {"Leave request", "Laptop broken"}),
        ('"hasAttachments:true"', set()),
    ],
)
def test_a_search_looks_at_sender_subject_and_body(letters, search, subjects):
    assert set(found(letters, search)) == subjects
    assert set(found(letters, search, folder="")) == subjects


@pytest.mark.covers("mail.search")
def test_a_search_is_paged_newest_first(letters):
    for number in range(4):
        letters.deliver(subject=f"please {number}")
    page = letters.graph.get(f"{letters.path}/messages?$search=please&$top=4&$select=subject").json()
    subjects = [message["subject"] for message in page["value"]]
    rest = letters.graph.get(page["@odata.nextLink"]).json()
    subjects += [message["subject"] for message in rest["value"]]
    assert subjects[:4] == ["please 3", "please 2", "please 1", "please 0"]
    assert (len(subjects), "@odata.nextLink" in rest) == (6, False)


@pytest.mark.covers("mail.search.refused")
def test_a_search_stands_alone(letters):
    path = f"{letters.path}/messages?$search=please"
    assert code(letters.graph.get(path + "&$filter=isRead eq true")) == (400, "SearchWithFilter")
    assert code(letters.graph.get(path + "&$orderby=subject")) == (400, "SearchWithOrderby")
    assert code(letters.graph.get(path + "&$skip=1")) == (400, "SearchWithSkip")
    for unusable in ("subject:x", '""'):
        answer = letters.graph.get(f"{letters.path}/messages", params={"$search": unusable})
        assert code(answer) == (400, "BadRequest")


@pytest.mark.covers("mail.search.kql")
@pytest.mark.parametrize("search", ['"a NOT b"', '"(a OR b)"', '"received>=2026-01-01"', '"size:5"'])
def test_more_of_kql_is_not_offered(letters, search):
    answer = letters.graph.get(f"{letters.path}/messages", params={"$search": search})
    assert answer.status_code == 501


@pytest.mark.covers("mail.count")
def test_messages_are_counted(letters):
    page = letters.graph.get(f"{letters.path}/messages?$count=true&$top=1&$skip=1").json()
    assert (page["@odata.count"], len(page["value"])) == (3, 1)
    count = letters.graph.get(f"{letters.path}/mailFolders/inbox/messages/$count")
    assert (count.text, count.headers["Content-Type"].partition(";")[0]) == ("3", "text/plain")
    narrow = letters.graph.get(f"{letters.path}/messages/$count?$filter=subject eq 'Payslip'")
    assert narrow.text == "1"


@pytest.mark.covers("mail.users")
def test_a_user_is_found_by_address(graph, box):
    for name in ("mail", "userPrincipalName"):
        users = graph.get(f"/users?$filter={name} eq '{box.address.upper()}'&$select=id,mail").json()["value"]
        assert [user["mail"] for user in users] == [box.address]
        assert set(users[0]) == {"id", "mail"}
    assert len(graph.get("/users?$top=999").json()["value"]) >= 1
    assert graph.get("/users?$filter=mail eq 'nobody@contoso.example'").json()["value"] == []
    assert code(graph.get("/users?$filter=startswith(mail,'a')")) == (501, "notImplemented")


@pytest.mark.covers("mail.translate")
def test_ids_are_translated(graph, box):
    message = box.deliver()
    default = box.read(message, headers={"Prefer": "x"})["id"]
    body = {"inputIds": [default], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    path = box.path + "/translateExchangeIds"
    assert graph.post(path, body).json()["value"] == [{"sourceId": default, "targetId": message}]
    back = {"InputIds": [message], "SourceIdType": "restImmutableEntryId", "TargetIdType": "restId"}
    assert graph.post(path, back).json()["value"] == [{"sourceId": message, "targetId": default}]
    (unknown,) = graph.post(path, {**body, "inputIds": [default.swapcase()]}).json()["value"]
    assert (unknown["targetId"], unknown["errorDetails"]["code"]) == (None, "ErrorItemNotFound")


@pytest.mark.covers("mail.translate.refused")
def test_only_a_thousand_ids_of_known_forms_are_translated(graph, box):
    path = box.path + "/translateExchangeIds"
    body = {"inputIds": ["x"] * 1001, "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    assert code(graph.post(path, body)) == (400, "ErrorInvalidRequest")
    assert len(graph.post(path, {**body, "inputIds": ["x"] * 1000}).json()["value"]) == 1000
    assert code(graph.post(path, {**body, "inputIds": "x"})) == (400, "BadRequest")
    assert code(graph.post(path, {**body, "inputIds": [], "sourceIdType": "id"})) == (400, "BadRequest")
    assert code(graph.post(path, {**body, "inputIds": [], "sourceIdType": "ewsId"})) == (
        501,
        "notImplemented",
    )


@pytest.mark.covers("mail.categories")
def test_categories_have_colours(graph, box):
    path = box.path + "/outlook/masterCategories"
    made = graph.post(path, {"displayName": "Case", "color": "preset9"})
    assert made.status_code == 201
    assert graph.get(path).json()["value"] == [made.json()]
    one = f"{path}/{made.json()['id']}"
    assert graph.call("PATCH", one, json={"color": "preset24"}).json()["color"] == "preset24"
    assert graph.get(one).json() == {**made.json(), "color": "preset24"}
    assert code(graph.post(path, {"displayName": "case"})) == (409, "CategoryNameDuplicate")
    assert code(graph.call("PATCH", one, json={"displayName": "x"})) == (400, "ErrorInvalidPropertySet")
    assert code(graph.post(path, {"displayName": "x", "color": "preset25"})) == (400, "BadRequest")
    assert code(graph.post(path, {"displayName": "a,b"})) == (400, "ErrorInvalidRequest")
    assert graph.call("DELETE", one).status_code == 204
    assert code(graph.get(one)) == (404, "ErrorItemNotFound")
