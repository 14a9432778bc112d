"""$select and $expand as SharePoint's routes read them: options in brackets, parted by semicolons."""

from sandbox.graph.errors import not_offered
from sandbox.graph.sites.errors import invalid

type Options = dict[str, str]


def expansions(text: str | None, known: tuple[str, ...]) -> dict[str, Options]:
    """The expanded members with their options. Raises 400 for an unknown member or a broken bracket."""
    found: dict[str, Options] = {}
    for item in _parts(text or "", ","):
        name, bracket, inside = item.partition("(")
        name = name.strip()
        if bracket and not inside.endswith(")"):
            raise invalid(f'The expression "{item}" is not valid.')
        if name not in known:
            raise not_offered(f"$expand={name} here")
        found[name] = _options(inside[:-1]) if bracket else {}
    return found


def _options(text: str) -> Options:
    found = {}
    for option in _parts(text, ";"):
        name, equals, value = option.partition("=")
        name = "$" + name.strip().removeprefix("$")  # documented without a dollar sign too
        if not equals or name not in ("$select", "$expand", "$top"):
            raise invalid(f'The expression "{option}" is not valid.')
        found[name] = value.strip()
    return found


def _parts(text: str, sign: str) -> list[str]:
    """The parts of a list on its top level."""
    parts, depth, current = [], 0, ""
    for each in text:
        depth += (each == "(") - (each == ")")
        if each == sign and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += each
    return [part for part in (*parts, current.strip()) if part]


def names(text: str | None) -> tuple[str, ...] | None:
    """The names of a $select; None if there is none. Raises 400 for an empty one."""
    if text is None:
        return None
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise invalid("The value for OData query '$select' cannot be empty.")
    return found


def members(text: str | None, known: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The selected members of an entity, or all. Raises 400 for an unknown one."""
    wanted = names(text)
    for name in wanted or ():
        if name not in known:
            raise invalid(f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'.")
    return known if wanted is None else wanted
