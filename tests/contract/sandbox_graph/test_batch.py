"""JSON $batch."""

import base64

import pytest


def part(name, url, method="GET", **rest):
    return {"id": name, "method": method, "url": url, **rest}


def run(graph, *parts):
    return graph.post("/$batch", {"requests": list(parts)})


@pytest.mark.covers("mail.batch.parts", "mail.batch.order", "mail.batch.base64")
def test_parts_are_answered_in_any_order_with_their_own_status(graph, box):
    message = box.deliver()
    ids = {"headers": {"Prefer": 'IdType="ImmutableId"'}}
    answer = run(
        graph,
        part("1", f"{box.path}/messages/{message}?$select=subject", **ids),
        part("2", f"{box.path}/messages/{message}/$value"),
        part("3", f"{box.path}/messages/{message[::-1]}"),
    )
    assert answer.status_code == 200
    found = {entry["id"]: entry for entry in answer.json()["responses"]}
    assert [entry["id"] for entry in answer.json()["responses"]] != ["1", "2", "3"]
    assert found["1"]["body"]["id"] == message
    assert found["1"]["headers"]["Preference-Applied"] == 'IdType="ImmutableId"'
    assert b"Subject: Help" in base64.b64decode(found["2"]["body"])
    assert found["3"]["status"] == 404


@pytest.mark.covers("mail.batch.depends")
def test_what_depends_on_a_failure_is_not_done(graph, box):
    body = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": {"subject": "x"}}
    made = {**part("b", f"{box.path}/messages"), **body}
    answer = run(
        graph, part("a", f"{box.path}/messages/nothing"), {**made, "dependsOn": ["a"]}, {**made, "id": "c"}
    )
    status = {entry["id"]: entry["status"] for entry in answer.json()["responses"]}
    assert status == {"a": 400, "b": 424, "c": 201}
    assert len(box.listed("drafts")) == 1


def test_an_empty_answer_has_no_body(graph, box):
    message = box.deliver()
    answer = run(graph, part("1", f"{box.path}/messages/{message}", "DELETE")).json()["responses"][0]
    assert (answer["status"], "body" in answer) == (204, False)


@pytest.mark.covers("mail.batch.refused")
def test_batches_that_cannot_be_read_are_refused_as_a_whole(graph, box):
    url = box.path + "/messages"
    assert run(graph, *(part(str(n), url) for n in range(21))).status_code == 400
    assert run(graph, part("a", url), part("A", url)).status_code == 400
    assert run(graph, part("a", url, "POST", body={"subject": "x"})).status_code == 400
    assert run(graph, part("a", url, dependsOn=["z"])).status_code == 400
    assert graph.post("/$batch", {"requests": "x"}).status_code == 400


@pytest.mark.covers("mail.batch.refused")
def test_there_is_no_batch_in_a_batch(graph):
    inner = part("1", "/$batch", "POST", headers={"Content-Type": "application/json"}, body={"requests": []})
    assert run(graph, inner).json()["responses"][0]["status"] >= 400


@pytest.mark.covers("mail.batch.parts")
def test_a_part_may_be_addressed_absolutely_on_the_same_host_and_may_bring_a_token(graph, box):
    message = box.deliver()
    url = f"{graph.root}{box.path}/messages/{message}"
    headers = {"headers": {"authorization": f"Bearer {graph.token}", "Prefer": 'IdType="ImmutableId"'}}
    answer = run(graph, part("1", url, **headers), part("2", box.path, headers={"authorization": "Bearer x"}))
    assert [entry["status"] for entry in answer.json()["responses"]] == [200, 200]
    elsewhere = run(graph, part("1", f"https://graph.elsewhere.example/v1.0{box.path}"))
    assert (elsewhere.status_code, elsewhere.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.covers("mail.batch.depends")
def test_parts_run_one_after_the_other_as_a_chain_or_after_the_same(graph, box):
    url = f"{box.path}/messages"
    chain = [part("1", url), part("2", url, dependsOn=["1"]), part("3", url, dependsOn=["2"])]
    same = [part("1", url), part("2", url, dependsOn=["1"]), part("3", url, dependsOn=["1"]), part("4", url)]
    for parts in (chain, same):
        said = run(graph, *parts)
        assert [entry["status"] for entry in said.json()["responses"]] == [200] * len(parts)
    broken = [
        part("1", url),
        part("2", url, dependsOn=["1"]),
        part("3", url),
        part("4", url, dependsOn=["3"]),
    ]
    several = [part("1", url), part("2", url), part("3", url, dependsOn=["1", "2"])]
    for parts in (broken, several):
        said = run(graph, *parts)
        assert (said.status_code, said.json()["error"]["code"]) == (400, "BadRequest")


@pytest.mark.covers("mail.batch.depends")
def test_a_failure_is_handed_on_along_the_chain(graph, box):
    missing = part("a", f"{box.path}/messages/{box.deliver()[::-1]}")
    rest = [part("b", box.path, dependsOn=["A"]), part("c", box.path, dependsOn=["b"])]
    answers = run(graph, missing, *rest).json()["responses"]
    assert {entry["id"]: entry["status"] for entry in answers} == {"a": 404, "b": 424, "c": 424}
    assert {entry["body"]["error"]["code"] for entry in answers} == {"ErrorItemNotFound", "FailedDependency"}


@pytest.mark.covers("mail.batch.order")
def test_answers_come_in_an_order_of_a_seed(own_box):
    parts = [part(str(number), own_box.path) for number in range(20)]

    def order(seed):
        own_box.switch(batchSeed=seed)
        return [entry["id"] for entry in run(own_box.graph, *parts).json()["responses"]]

    first = order(1)
    assert (first == order(1), first == order(2)) == (True, False)
    assert sorted(first, key=int) == [str(number) for number in range(20)]


@pytest.mark.covers("mail.batch.base64")
def test_texts_and_bytes_travel_as_base64_both_ways(graph, box):
    mime = base64.b64encode(b"Subject: In a batch\r\nTo: a@b.example\r\n\r\nHello\r\n")
    headers = {"Content-Type": "text/plain"}
    made = part("1", f"{box.path}/messages", "POST", headers=headers, body=base64.b64encode(mime).decode())
    plain = part("2", f"{box.path}/messages", "POST", headers=headers, body="no base64!")
    found = {entry["id"]: entry for entry in run(graph, made, plain).json()["responses"]}
    assert (found["1"]["status"], found["1"]["body"]["subject"]) == (201, "In a batch")
    assert (found["2"]["status"], found["2"]["body"]["error"]["code"]) == (400, "BadRequest")


@pytest.mark.covers("mail.batch.throttled")
def test_one_part_may_be_asked_to_wait_while_the_others_are_done(own_box):
    rule = {"do": "throttle", "match": {"service": "graph", "part": True, "path": "/messages/"}}
    added = own_box.graph.web.post(f"{own_box.sandbox}/faults", json=rule, timeout=10)
    assert added.ok, added.text
    message = own_box.deliver()
    parts = (part("1", own_box.path), part("2", f"{own_box.path}/messages/{message}"))
    found = {entry["id"]: entry for entry in run(own_box.graph, *parts).json()["responses"]}
    assert (found["1"]["status"], found["2"]["status"]) == (200, 429)
    assert "Retry-After" in found["2"]["headers"]
