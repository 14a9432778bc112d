"""What a refusal of the sign-in authority asks of the administrator. The texts name the next step."""

import re

_CODE = re.compile(r"AADSTS(\d+)")
_CONFIGURED = {
    "7000215": "the client secret is wrong; copy the secret's value (not its id) into the settings again",
    "7000222": "the client secret has expired; make a new one in the app registration, or use a certificate",
    "7000216": "the app sent no credential; set a client secret, a certificate or a managed identity",
    "7000218": "the app sent no credential; set a client secret, a certificate or a managed identity",
    "700016": "this tenant does not know the app; check the client id and the tenant id",
    "7000229": "the app has no service principal in this tenant; give admin consent to it",
    "7000112": "the app is disabled in this tenant; enable it under enterprise applications",
    "700027": "the certificate does not belong to the app or has expired; upload its public part to the app"
    " registration and check that the PEM file holds the matching key",
    "700024": "the certificate's assertion is outside its time; check the clock of this machine",
    "70021": "no federated credential matches the managed identity; check issuer, subject and audience",
    "700211": "no federated credential matches the issuer of the managed identity",
    "700212": "no federated credential matches the audience; it is api://AzureADTokenExchange",
    "700213": "no federated credential matches the managed identity; its subject is the identity's object id",
    "90002": "the tenant is not found; check the tenant id and that the authority belongs to its cloud",
    "900023": "the tenant id is malformed; it is a GUID or a verified domain",
    "500011": "this tenant does not know the called service; check the organisation URL and the Graph URL",
    "50034": "the account does not exist in this tenant; check which tenant the settings name",
    "53003": "a conditional access policy blocks the app; exclude its service principal or meet the policy",
    "50079": "a conditional access policy blocks the app; exclude its service principal",
    "1002012": "the scope is wrong; it ends in /.default",
    "70011": "the scope is wrong; check the organisation URL and the Graph URL",
}


def advice(said: str) -> str:
    """Sentence for the administrator: what is wrong, and what to do. Repeats nothing the service wrote."""
    found = _CODE.search(said)
    if found is None:
        return f"sign-in failed{_short(said)}: check authority, tenant id, client id and credential"
    code = found.group(1)
    remedy = _CONFIGURED.get(code, "look the code up in the Entra sign-in logs of the app")
    return f"sign-in was refused (AADSTS{code}): {remedy}"


def _short(said: str) -> str:
    if "authority" in said.lower():
        return " because the authority was not understood (it is https://<host>/<tenant id>)"
    word = said.split(" ", 1)[0]
    return f" ({word})" if re.fullmatch(r"[a-z_]{3,40}", word) else ""
