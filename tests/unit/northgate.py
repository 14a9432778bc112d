"""The example organisation, loaded once for all tests."""

from pathlib import Path

from schemas.loading import load_catalogue, load_directory

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "northgate"
CATALOGUE = load_catalogue((EXAMPLES / "catalogue.yaml").read_text("utf-8"))
DIRECTORY = load_directory((EXAMPLES / "directory.yaml").read_text("utf-8"))
