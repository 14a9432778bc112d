"""Actions on the options of choices, global ones and those of one column (reference dataverse.md section 8).

Parameters as on Microsoft's pages of `InsertOptionValue`, `UpdateOptionValue`, `DeleteOptionValue`, `OrderOption`,
`InsertStatusValue` and `UpdateStateValue`; statuses and codes of the refusals without one in the list are guesses."""

from typing import Any

from sandbox.dataverse import definitions
from sandbox.dataverse.engine import Engine
from sandbox.dataverse.errors import DataverseError, payload_error
from sandbox.dataverse.labels import merged, shown
from sandbox.dataverse.posted import checked
from sandbox.dataverse.schema import Column, Definition, Table

FIRST_VALUE = 100_000_000
"""Where values of the default publisher begin that the caller leaves to the service."""
PLACE = ("OptionSetName", "EntityLogicalName", "AttributeLogicalName", "SolutionUniqueName")
TEXTS = ("Label", "Description")

type Body = dict[str, Any]


class _Choice:
    """The options that an action names, and the way to keep them."""

    def __init__(self, engine: Engine, body: Body) -> None:
        self._engine = engine
        self._name = body.get("OptionSetName")
        self._column = None if self._name else _column(engine, body)
        self.definition = self._found()
        self.options: list[Definition] = self.definition["Options"]

    def _found(self) -> Definition:
        if self._column is None:
            choice = self._engine.catalogue.option_sets.get(str(self._name))
            if choice is None:
                raise _absent(f"choice with the name '{self._name}'")
            return choice
        _, column = self._column
        choice = column.definition.get("OptionSet")
        if not column.is_choice or choice is None:
            words = f"'{column.name}' has no options of its own; name its global choice in OptionSetName."
            raise DataverseError(400, "0x80040203", words)
        return dict(choice)

    def option(self, value: object) -> Definition:
        """Give the option with a value, or raise."""
        found = next((one for one in self.options if one["Value"] == value), None)
        if found is None:
            raise DataverseError(400, "0x8004431a", f"The choice has no option with the value {value}.")
        return found

    def add(self, value: object, option: Definition) -> int:
        """Add an option; without a value it gets the next one."""
        taken = [int(one["Value"]) for one in self.options]
        if value in taken:
            words = "The picklist value already exists.  Picklist values must be unique."
            raise DataverseError(400, "0x80044310", words)
        number = option["Value"] = max([FIRST_VALUE - 1, *taken]) + 1 if value is None else option["Value"]
        self.options.append(option)
        self.keep()
        return int(number)

    def keep(self) -> None:
        """Keep the options, and let the columns that use them know."""
        catalogue = self._engine.catalogue
        with self._engine.store.write():
            if self._column is None:
                catalogue.save("optionset", "", str(self._name), self.definition)
                users = catalogue.users_of(str(self._name))
            else:
                table, column = self._column
                catalogue.save("attribute", table.logical, column.name, column.definition)
                users = [self._column]
        for table, column in users:
            table.add(catalogue.column(column.definition))


def _column(engine: Engine, body: Body) -> tuple[Table, Column]:
    if not body.get("EntityLogicalName") or not body.get("AttributeLogicalName"):
        raise payload_error(
            "OptionSet", "Name 'OptionSetName', or 'EntityLogicalName' and 'AttributeLogicalName'."
        )
    table = engine.catalogue.table(str(body["EntityLogicalName"]))
    column = table.columns.get(str(body["AttributeLogicalName"]))
    if column is None:
        raise _absent(f"attribute with the name '{body['AttributeLogicalName']}'")
    return table, column


def _absent(what: str) -> DataverseError:
    return DataverseError(404, "0x80040217", f"Could not find a {what}.")


def _only(name: str, body: Body, *more: str) -> None:
    """Refuse parameters that the action does not have."""
    for one in body:
        if one not in (*PLACE, *more):
            raise payload_error(name, f"The parameter '{one}' is not a parameter of the operation '{name}'.")
    if "MergeLabels" in more and not isinstance(body.get("MergeLabels"), bool):
        raise payload_error(name, "The parameter 'MergeLabels' must be true or false.")
    posted = {part: body.get(part) for part in ("Value", *TEXTS)}
    checked(name, {"Options": [{key: value for key, value in posted.items() if value is not None}]})


def _new(body: Body, **more: object) -> Definition:
    return definitions.option({**body, "Value": body.get("Value") or 0}, **more)


def insert(engine: Engine, body: Body) -> Body:
    """Add an option and tell its value."""
    _only(
        "InsertOptionValue", body, "Value", "Label", "Description", "ExternalValue", "ParentValues", "Color"
    )
    choice = _Choice(engine, body)
    if choice.definition["OptionSetType"] != "Picklist":
        raise DataverseError(400, "0x80040203", "Options of a status come by InsertStatusValue.")
    return {"NewOptionValue": choice.add(body.get("Value"), _new(body))}


def insert_status(engine: Engine, body: Body) -> Body:
    """Add a status to one of the states."""
    _only("InsertStatusValue", body, "Value", "Label", "Description", "StateCode")
    table, column = _column(engine, body)
    state = body.get("StateCode")
    if column.type != "Status":
        raise DataverseError(400, "0x80040203", f"'{column.name}' is no status.")
    if (
        isinstance(state, bool)
        or not isinstance(state, int)
        or state not in table.columns["statecode"].options
    ):
        raise DataverseError(400, "0x80040203", "InsertStatusValue needs a 'StateCode' of the table.")
    choice = _Choice(engine, body)
    return {"NewOptionValue": choice.add(body.get("Value"), _new(body, State=state))}


def update(engine: Engine, body: Body) -> None:
    """Change label and description of an option."""
    _only("UpdateOptionValue", body, "Value", "Label", "Description", "MergeLabels", "Color", "ExternalValue")
    _updated(engine, body)


def _updated(engine: Engine, body: Body) -> None:
    choice = _Choice(engine, body)
    option = choice.option(body.get("Value"))
    for part in TEXTS:
        if part in body:
            label = shown(body[part])
            option[part] = merged(option.get(part), label) if body["MergeLabels"] else label
    choice.keep()


def update_state(engine: Engine, body: Body) -> None:
    """Change label and default status of a state."""
    _only("UpdateStateValue", body, "Value", "Label", "Description", "MergeLabels", "DefaultStatusCode")
    table, column = _column(engine, body)
    if column.type != "State":
        raise DataverseError(400, "0x80040203", f"'{column.name}' is no state.")
    default = body.get("DefaultStatusCode")
    if default is not None:
        statuses = table.columns["statuscode"].definition["OptionSet"]["Options"]
        if not any(one["Value"] == default and one["State"] == body.get("Value") for one in statuses):
            words = (
                f"{default} is not a valid status code for state code {body.get('Value')} on {table.logical}."
            )
            raise DataverseError(400, "0x80048408", words)
        _Choice(engine, body).option(body.get("Value"))["DefaultStatus"] = default
    _updated(engine, body)


def delete(engine: Engine, body: Body) -> None:
    """Remove an option; rows keep its value, writes do not take it any more."""
    _only("DeleteOptionValue", body, "Value")
    choice = _Choice(engine, body)
    option = choice.option(body.get("Value"))
    if choice.definition["OptionSetType"] == "State" or option["Value"] in _defaults(engine, body):
        raise DataverseError(400, "0x80040203", "States and the default status of a state cannot be deleted.")
    choice.options.remove(option)
    choice.keep()


def _defaults(engine: Engine, body: Body) -> list[int]:
    if body.get("OptionSetName") or body.get("AttributeLogicalName") != "statuscode":
        return []
    states = engine.catalogue.table(str(body["EntityLogicalName"])).columns["statecode"]
    return [one["DefaultStatus"] for one in states.definition["OptionSet"]["Options"]]


def order(engine: Engine, body: Body) -> None:
    """Put the options into the order of their values in `Values`, which must name all of them."""
    _only("OrderOption", body, "Values")
    choice = _Choice(engine, body)
    wanted = body.get("Values")
    if not isinstance(wanted, list) or sorted(map(str, wanted)) != sorted(
        str(o["Value"]) for o in choice.options
    ):
        raise payload_error("OrderOption", "'Values' must name every option of the choice once.")
    choice.options.sort(key=lambda one: wanted.index(one["Value"]))
    choice.keep()
