from pathlib import Path

import pytest

from app.settings import load_settings
from cli.documents import PLACE, settings_page
from sync.errors import ConfigurationError

COMPLETE = {
    "PLUMBLINE_TENANT_ID": "11111111-1111-1111-1111-111111111111",
    "PLUMBLINE_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
    "PLUMBLINE_CLIENT_SECRET": "canary-secret",
    "PLUMBLINE_DATAVERSE_URL": "https://contoso.crm4.dynamics.com",
    "PLUMBLINE_STATE": "state.sqlite",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415

    for name in list(os.environ):
        if name.startswith("PLUMBLINE_"):
            monkeypatch.delenv(name)


def given(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**COMPLETE, **changes}.items():
        monkeypatch.setenv(name, value)


def test_complete_settings_load(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = load_settings()
    assert settings.authority_url == f"https://login.microsoftonline.com/{COMPLETE['PLUMBLINE_TENANT_ID']}"
    assert "canary" not in repr(settings)


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    for name in ("PLUMBLINE_TENANT_ID", "PLUMBLINE_CLIENT_ID", "PLUMBLINE_DATAVERSE_URL"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"PLUMBLINE_CREDENTIAL": "certificate"}, "certificate_path"),
        ({"PLUMBLINE_CREDENTIAL": "password"}, "PLUMBLINE_CREDENTIAL"),
        ({"PLUMBLINE_DATAVERSE_URL": "contoso"}, "PLUMBLINE_DATAVERSE_URL"),
        ({"PLUMBLINE_FIRST_READ_HOURS": "-1"}, "PLUMBLINE_FIRST_READ_HOURS"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], word: str
) -> None:
    given(monkeypatch, **changes)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert word in str(caught.value)
    assert "canary" not in str(caught.value)


def test_an_authority_with_its_tenant_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = COMPLETE["PLUMBLINE_TENANT_ID"]
    given(monkeypatch, PLUMBLINE_AUTHORITY=f"https://127.0.0.1:8443/{tenant}")
    assert load_settings().authority_url == f"https://127.0.0.1:8443/{tenant}"


def test_the_reference_of_settings_is_current() -> None:
    assert Path(PLACE).read_text(encoding="utf-8") == settings_page()
