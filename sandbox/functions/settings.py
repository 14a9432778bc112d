"""Application settings: local.settings.json, %NAME% and connections (azure-functions.md 4.6)."""

import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.functions.errors import HostError

_NAMED = re.compile(r"%([^%]+)%")
DEFAULT_CONNECTION = "AzureWebJobsStorage"


@dataclass(frozen=True)
class Connection:
    """Where a queue binding's storage lies. Empty: the embedded queue of this host."""

    name: str = ""
    connection_string: str = ""
    queue_uri: str = ""
    client_id: str | None = None
    managed_identity: bool = False

    @property
    def embedded(self) -> bool:
        """Whether it means the queue inside this host."""
        return not (self.connection_string or self.queue_uri)


class Settings:
    """The app's settings, as its functions see them in the environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def resolve(self, text: str) -> str:
        """Replace every %NAME%. Raises HostError for a setting that does not exist."""
        return _NAMED.sub(lambda found: self._setting(found[1]), text)

    def is_disabled(self, function: str) -> bool:
        """Whether `AzureWebJobs.<name>.Disabled` switches the function off."""
        names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
        return any(self._environment.get(name, "").strip().lower() in {"1", "true"} for name in names)

    def connection(self, name: str) -> Connection:
        """Find a storage connection: a connection string, or an address for an identity."""
        name = name or DEFAULT_CONNECTION
        text = self._environment.get(name) or self._environment.get(f"AzureWebJobs{name}", "")
        if text:
            return Connection(name, connection_string=text)
        uri = self._environment.get(f"{name}__queueServiceUri", "")
        account = self._environment.get(f"{name}__accountName", "")
        if not uri and account:
            uri = f"https://{account}.queue.core.windows.net"
        if uri:
            return Connection(
                name,
                queue_uri=uri,
                client_id=self._environment.get(f"{name}__clientId"),
                managed_identity=self._environment.get(f"{name}__credential") == "managedidentity",
            )
        if name == DEFAULT_CONNECTION:
            return Connection(name)
        raise HostError(
            f"connection {name!r}: set {name} to a connection string, or {name}__queueServiceUri; "
            f"only {DEFAULT_CONNECTION} may be absent and then means the embedded queue"
        )

    def _setting(self, name: str) -> str:
        if name not in self._environment:
            raise HostError(f"%{name}% is named by a binding but no such setting exists: add it to Values")
        return self._environment[name]


def load_settings(app_dir: Path, environment: MutableMapping[str, str]) -> Settings:
    """Put `Values` of local.settings.json into the environment; what is already there wins."""
    path = app_dir / "local.settings.json"
    if path.is_file():
        for name, value in _values(path).items():
            environment.setdefault(name, value)
    return Settings(environment)


def _values(path: Path) -> dict[str, str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise HostError(f"{path}: not JSON") from exc
    if not isinstance(document, dict) or document.get("IsEncrypted") is True:
        raise HostError(f"{path}: an encrypted settings file is not emulated: write plain Values")
    values = document.get("Values", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise HostError(f"{path}: Values must be an object of texts")
    return values
