"""Documentation that is made from the code, so that it cannot drift."""

from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from app.settings import ROOT, Settings

PLACE = ROOT / "docs" / "settings.md"
HEAD = """# Settings

Made from `app/settings.py` by `python -m cli.documents`. Each is an environment variable, on Azure an app setting.

| setting | needed | default | what it is |
|---|---|---|---|
"""


def settings_page() -> str:
    """The reference of all settings as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{_shown(field.default)}`"
        needed = "yes" if field.is_required() else ""
        about = field.description or ""
        if get_origin(field.annotation) is Literal:
            about += ": " + ", ".join(f"`{value}`" for value in get_args(field.annotation))
        if SecretStr in (field.annotation, *get_args(field.annotation)):
            about += " (secret)"
        rows.append(f"| `PLUMBLINE_{name.upper()}` | {needed} | {default} | {about} |")
    return HEAD + "\n".join(rows) + "\n"


def _shown(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


if __name__ == "__main__":
    PLACE.write_text(settings_page(), encoding="utf-8")
