"""The whole path with Azure Storage queues instead of the embedded ones: only a setting differs."""

from pathlib import Path

import pytest
import yaml

from cli.demo import MANIFEST
from cli.manifest import load_manifest
from cli.replay import Replay
from tests.azurite import connection_string
from tests.journeys.world import recorded

pytestmark = [pytest.mark.azurite, pytest.mark.timeout(300)]
MAILS = 14


def test_mails_become_cases_over_azure_storage_queues(tmp_path: Path) -> None:
    expected = {mail["id"]: mail for mail in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["mails"]}
    manifest = load_manifest(MANIFEST)
    first = manifest.model_copy(update={"mails": manifest.mails[:MAILS]})
    with recorded(tmp_path, {"AzureWebJobsStorage": connection_string()}) as lab:
        replay = Replay(lab, first, MANIFEST.parent)
        replay.prepare(lambda _: None)
        document = replay.run(lambda _: None).document()
    assert replay.troubles == []
    mails = document["mails"]
    assert isinstance(mails, list)
    assert [mail["action"] for mail in mails] == [expected[mail["id"]]["action"] for mail in mails]
    assert all(len(mail["sent"]) == 1 for mail in mails if mail["action"] == "new_case")
