"""JSON $batch."""

import base64


def part(name, url, method="GET", **rest):
    return {"id": name, "method": method, "url": url, **rest}


def run(graph, *parts):
    return graph.post("/$batch", {"requests": list(parts)})


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


def test_batches_that_cannot_be_read_are_refused_as_a_whole(graph, box):
    url = box.path + "/messages"
    assert run(graph, *(part(str(n), url) for n in range(21))).status_code == 400
    assert run(graph, part("a", url), part("A", url)).status_code == 400
    assert run(graph, part("a", url, "POST", body={"subject": "x"})).status_code == 400
    assert run(graph, part("a", url, dependsOn=["z"])).status_code == 400
    assert graph.post("/$batch", {"requests": "x"}).status_code == 400


def test_there_is_no_batch_in_a_batch(graph):
    inner = part("1", "/$batch", "POST", headers={"Content-Type": "application/json"}, body={"requests": []})
    assert run(graph, inner).json()["responses"][0]["status"] >= 400


def test_a_part_may_be_addressed_absolutely_on_the_same_host_and_may_bring_a_token(graph, box):
    message = box.deliver()
    url = f"{graph.root}{box.path}/messages/{message}"
    headers = {"headers": {"authorization": f"Bearer {graph.token}", "Prefer": 'IdType="ImmutableId"'}}
    answer = run(graph, part("1", url, **headers), part("2", box.path, headers={"authorization": "Bearer x"}))
    assert [entry["status"] for entry in answer.json()["responses"]] == [200, 200]
    elsewhere = run(graph, part("1", f"https://graph.elsewhere.example/v1.0{box.path}"))
    assert (elsewhere.status_code, elsewhere.json()["error"]["code"]) == (400, "BadRequest")
