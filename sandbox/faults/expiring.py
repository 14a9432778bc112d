"""Feeds whose token has lapsed (reference dataverse.md 4, graph.md 3.2 and 4.3)."""

import re

from werkzeug import Response

from sandbox import shapes
from sandbox.faults.model import Asked
from sandbox.faults.refusing import Kind
from sandbox.strict import Unusable, listed
from sandbox.wire import Serve, raw_target

TOKEN = {
    "dataverse": re.compile(r"deltatoken=", re.I),
    "graph": re.compile(r"/delta\b.*[$?&]\w*token=", re.I),
}
STAMP = "Version stamp associated with the client has expired. Please perform a full sync."
MAIL_WORDS = "The sync state generation is not found; generation=1;[highest=2]."
LIST_WORDS = {
    "resyncChangesApplyDifferences": "Resync required. Replace any local items with the server's version (including "
    "deletes) if you're sure that the service was up to date with your local changes when you last sync'd. Upload "
    "any local changes that the server doesn't know about.",
    "resyncChangesUploadDifferences": "Resync required. Upload any local items that the service did not return, and "
    "upload any files that differ from the server's version.",
}
MAIL = {"SyncStateNotFound": 410, "SyncStateInvalid": 400, "ResyncRequired": 400}
# The pages of errors spell the codes of lists without "Changes", and bodies also name none but the outer one.
LISTS = (*LIST_WORDS, *(name.replace("Changes", "") for name in LIST_WORDS), "resyncRequired")


class ExpiredFeed(Kind):
    """The token of a feed is lapsed. `code` picks one: of mail, or what a list tells to do about it."""

    code: str | None = None

    def check(self, service: str | None) -> None:
        if self.code is not None and (service != "graph" or self.code not in (*MAIL, *LISTS)):
            raise Unusable(f"'code' is for match.service graph, one of: {listed((*MAIL, *LISTS))}.")

    def fits(self, asked: Asked) -> bool:
        place = asked.service == "graph" and "/lists/" in asked.request.path
        wrong = self.code is not None and self.code not in (LISTS if place else MAIL)
        pattern = TOKEN.get(asked.service)
        return pattern is not None and not wrong and pattern.search(asked.target) is not None

    def answer(self, asked: Asked, serve: Serve) -> Response:  # noqa: ARG002
        if asked.service == "dataverse":
            return shapes.refused(asked, 400, "0x80044352", STAMP)  # the status is a documented guess
        if "/lists/" in asked.request.path:
            return self._of_a_list(asked)
        code = self.code or "SyncStateNotFound"
        return shapes.refused(asked, MAIL[code], code, MAIL_WORDS)

    def _of_a_list(self, asked: Asked) -> Response:
        inner = self.code or next(iter(LIST_WORDS))
        words = LIST_WORDS.get(
            inner.replace("resyncA", "resyncChangesA").replace("resyncU", "resyncChangesU")
        )
        shown = None if inner == "resyncRequired" else inner
        response = shapes.refused(
            asked, 410, "resyncRequired", words or next(iter(LIST_WORDS.values())), shown
        )
        response.headers["Location"] = (
            f"https://{asked.request.host}{raw_target(asked.request).partition('?')[0]}"
        )
        return response
