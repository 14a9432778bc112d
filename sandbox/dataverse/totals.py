"""The function `RetrieveTotalRecordCount`: counts out of a snapshot that may be a day old, as the cloud's are."""

import json
import re
from datetime import datetime, timedelta
from urllib.parse import unquote

from werkzeug import Request, Response

from sandbox.dataverse.address import ROOT
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, bad_query, routing_error
from sandbox.dataverse.options import Options
from sandbox.dataverse.security import access
from sandbox.wire import json_response, raw_target

NAME = "RetrieveTotalRecordCount"
CALL = re.compile(rf"{NAME}\(\s*EntityNames\s*=\s*(?P<names>\[.*\]|@\w+)\s*\)", re.DOTALL)
AGE = timedelta(hours=24)


class Totals:
    """Keeps the number of rows of each table from the first time that it is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[datetime, int]] = {}

    def answer(self, request: Request) -> Response:
        """Answer `GET /RetrieveTotalRecordCount(EntityNames=['a','b'])`, also with an alias for the names."""
        if request.method != "GET":
            return routing_error(request.url)
        options = Options.of(request)
        numbers = {name: self._count(name) for name in self._names(request, options)}
        listed = {"Keys": list(numbers), "Values": list(numbers.values())}
        counted = {"Count": len(numbers), "IsReadOnly": False, **listed}
        about = f"{options.base}$metadata#Microsoft.Dynamics.CRM.{NAME}Response"
        return json_response(200, {"@odata.context": about, "EntityRecordCountCollection": counted})

    def _names(self, request: Request, options: Options) -> list[str]:
        path = unquote(raw_target(request).partition("?")[0]).removeprefix(ROOT)
        found = CALL.fullmatch(path)
        text = found["names"] if found is not None else ""
        if text.startswith("@"):
            text = options.get(text) or ""
        try:
            names = json.loads(text.replace("'", '"'))
        except ValueError as exc:
            raise bad_query(f"{NAME} needs EntityNames, an array of logical names of tables.") from exc
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise bad_query(f"{NAME} needs EntityNames, an array of logical names of tables.")
        return names

    def _count(self, name: str) -> int:
        table = self._engine.live.tables.get(name)
        if table is None:
            words = f"The entity with a name = '{name}' with namemapping = 'Logical' was not found in the"
            raise DataverseError(400, "0x80041102", f"{words} MetadataCache.")
        access.everything(self._engine, table)  # documented guess: a count of all needs Read of all
        now = self._engine.clock.now()
        taken, number = self._known.get(name, (None, 0))
        if taken is not None and taken <= now < taken + AGE:
            return number
        with self._engine.store.read() as connection:
            number = int(connection.execute(f"SELECT count(*) FROM {table.sql}").fetchone()[0])
        self._known[name] = (now, number)
        return number
