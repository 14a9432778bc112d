"""The 60 example mails, whole path: sandbox and host as processes, real HTTP, answers read back from stored rows."""

from typing import Any

import pytest
import yaml

from cli.demo import MANIFEST

pytestmark = pytest.mark.timeout(300)
EXPECTED = {mail["id"]: mail for mail in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["mails"]}
EXACT = ("ignore", "duplicate", "hold", "delivery_failure", "follow_up")


def test_every_mail_gets_its_action_reason_and_case(clean_run: dict[str, Any]) -> None:
    for mail in clean_run["mails"]:
        wanted = EXPECTED[mail["id"]]
        assert mail["action"] == wanted["action"], mail["id"]
        if wanted["action"] in EXACT:
            assert mail.get("reason") == wanted.get("reason"), mail["id"]
            assert mail.get("of") == wanted.get("of"), mail["id"]


def test_labelled_requests_have_type_missing_priority_and_both_promises(clean_run: dict[str, Any]) -> None:
    for mail in clean_run["mails"]:
        wanted = EXPECTED[mail["id"]]
        if wanted["action"] == "new_case" and wanted["reading"] == "labelled":
            assert mail["request_type"] == wanted["request_type"], mail["id"]
            assert list(mail["missing"]) == wanted["missing"], mail["id"]
            if not wanted.get("urgent", {}).get("accepted"):  # urgency is decided in a later release
                assert mail["priority"] == wanted["priority"], mail["id"]


def test_assigned_references_are_kept(clean_run: dict[str, Any]) -> None:
    for mail in clean_run["mails"]:
        assigned = EXPECTED[mail["id"]].get("assigned_reference")
        if assigned:
            assert mail["case"] == assigned


def test_each_new_case_is_confirmed_once_but_never_to_a_machine(clean_run: dict[str, Any]) -> None:
    for mail in clean_run["mails"]:
        expected = 1 if mail["action"] == "new_case" and mail["id"] != "m051" else 0
        assert len(mail.get("sent", [])) == expected, mail["id"]


def test_a_sensitive_subject_is_not_repeated(clean_run: dict[str, Any]) -> None:
    for mail in clean_run["mails"]:
        for letter in mail.get("sent", []):
            if mail.get("sensitive"):
                assert letter["subject"].endswith("Received")
