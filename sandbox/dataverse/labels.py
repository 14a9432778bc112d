"""Labels and managed properties as the metadata API shows them, and the texts in them."""

import uuid
from typing import Any

LANGUAGE = 1033


def label(text: str | None) -> dict[str, Any]:
    """Give a label with one text in English, or an empty one."""
    if text is None:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    one = {
        "Label": text,
        "LanguageCode": LANGUAGE,
        "IsManaged": False,
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
    }
    return {"LocalizedLabels": [one], "UserLocalizedLabel": one}


def shown(posted: object, fallback: str | None = None) -> dict[str, Any]:
    """Give a posted label the way it is read back."""
    if not isinstance(posted, dict) or not posted.get("LocalizedLabels"):
        return label(fallback)
    texts = [_localized(entry) for entry in posted["LocalizedLabels"]]
    user = next((entry for entry in texts if entry["LanguageCode"] == LANGUAGE), texts[0])
    return {"LocalizedLabels": texts, "UserLocalizedLabel": user}


def merged(old: object, new: dict[str, Any]) -> dict[str, Any]:
    """Keep texts of languages that the new label leaves out (header `MSCRM.MergeLabels`)."""
    if not isinstance(old, dict):
        return new
    present = {entry["LanguageCode"] for entry in new["LocalizedLabels"]}
    kept = [entry for entry in old["LocalizedLabels"] if entry["LanguageCode"] not in present]
    return {**new, "LocalizedLabels": [*new["LocalizedLabels"], *kept]}


def _localized(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "Label": entry.get("Label", ""),
        "LanguageCode": entry.get("LanguageCode", LANGUAGE),
        "IsManaged": False,
        "MetadataId": entry.get("MetadataId") or str(uuid.uuid4()),
        "HasChanged": None,
    }


def text_of(value: object) -> str:
    """Give the text of a label, empty when it has none."""
    if isinstance(value, dict) and isinstance(value.get("UserLocalizedLabel"), dict):
        return str(value["UserLocalizedLabel"].get("Label", ""))
    return ""


def managed(value: object, name: str) -> dict[str, Any]:
    """Give a managed property such as `IsAuditEnabled` or `RequiredLevel`."""
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}
