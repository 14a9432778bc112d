"""The people who ask, approve and own: positions with address, team, site and manager."""

from functools import cached_property

from schemas.base import Configured


class Person(Configured):
    """One position."""

    address: str
    display_name: str
    team: str = ""
    site: str = ""
    employee_number: str | None = None
    manager: str | None = None
    cost_centre: str | None = None


class Directory(Configured):
    """Everybody who is known, and who approves spending on which cost centre."""

    people: tuple[Person, ...] = ()
    cost_centre_owners: dict[str, str] = {}

    def person(self, address: str) -> Person | None:
        """Who has this address; case does not matter."""
        return self._by_address.get(address.strip().lower())

    def named(self, display_name: str) -> tuple[Person, ...]:
        """Everybody with this display name; case and blanks do not matter."""
        wanted = " ".join(display_name.split()).casefold()
        return tuple(
            person for person in self.people if " ".join(person.display_name.split()).casefold() == wanted
        )

    @cached_property
    def _by_address(self) -> dict[str, Person]:
        return {person.address.lower(): person for person in self.people}
