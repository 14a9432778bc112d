"""The settings of the app, read once. Every missing or wrong one is named in one go."""

from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sync.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "examples" / "northgate"


class Settings(BaseSettings):
    """Where the tenant is and how to sign in. Environment names are these in capitals with PLUMBLINE_ before them.

    National clouds and the sandbox differ in nothing but `authority`, `dataverse_url`, `graph_url` and `ca_bundle`.
    """

    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    tenant_id: str = Field(description="Directory (tenant) id of the organisation")
    client_id: str = Field(description="Application (client) id of the app registration")
    credential: Literal["secret", "certificate", "managed_identity", "federated"] = Field(
        default="secret", description="How the app proves who it is"
    )
    client_secret: SecretStr | None = Field(default=None, description="For credential = secret")
    certificate_path: Path | None = Field(default=None, description="PEM with key and certificate")
    managed_identity_client_id: str | None = Field(default=None, description="User-assigned identity")
    authority: HttpUrl = Field(
        default=HttpUrl("https://login.microsoftonline.com"),
        description="Sign-in authority; its tenant may be left out",
    )
    dataverse_url: HttpUrl = Field(description="Organisation URL, such as https://contoso.crm4.dynamics.com")
    graph_url: HttpUrl = Field(
        default=HttpUrl("https://graph.microsoft.com/v1.0"), description="Microsoft Graph"
    )
    ca_bundle: Path | None = Field(default=None, description="PEM file of certificate authorities to trust")
    catalogue: Path = Field(default=SHIPPED / "catalogue.yaml", description="Service catalogue")
    directory: Path = Field(default=SHIPPED / "directory.yaml", description="People and cost centres")
    knowledge: Path = Field(default=SHIPPED / "knowledge.yaml", description="Articles")
    state: Path | None = Field(default=None, description="SQLite file of the sync state; for local use")
    state_table_url: HttpUrl | None = Field(
        default=None, description="Azure Table endpoint of the sync state"
    )
    first_read_hours: int = Field(
        default=24, ge=0, description="How far back the first read of a mailbox goes"
    )

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.credential == "secret" and self.client_secret is None:
            raise ValueError("client_secret is needed when credential is 'secret'")
        if self.credential == "certificate" and self.certificate_path is None:
            raise ValueError("certificate_path is needed when credential is 'certificate'")
        if self.state is None and self.state_table_url is None:
            raise ValueError("one of state (SQLite file) and state_table_url (Azure Table) is needed")
        return self

    @property
    def authority_url(self) -> str:
        """The authority with the tenant in its path, as MSAL wants it."""
        url = str(self.authority).rstrip("/")
        return url if url.endswith(self.tenant_id) else f"{url}/{self.tenant_id}"


def load_settings() -> Settings:
    """Read the environment. Raises ConfigurationError that names every fault and its setting."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{'PLUMBLINE_' + str(fault['loc'][0]).upper() if fault['loc'] else 'settings'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigurationError("The settings are not complete:\n  " + "\n  ".join(faults)) from None
