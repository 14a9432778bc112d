"""The articles as they lie in the SharePoint list: five parts each (KNO-2)."""

from datetime import date

from pydantic import Field

from schemas.base import Configured


class CommonError(Configured):
    """What goes wrong, and what mends it."""

    problem: str = Field(min_length=1)
    fix: str = Field(min_length=1)


class Escalation(Configured):
    """Where to go when the article does not help."""

    queue: str
    when: str = Field(min_length=1)


class Article(Configured):
    """One article. Every part is needed."""

    id: str = Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,4})+-\d{3}$")
    item_id: int
    title: str = Field(min_length=1, max_length=200)
    request_types: tuple[str, ...] = Field(min_length=1)
    who_for: str = Field(min_length=1)
    when_to_use: str = Field(min_length=1)
    steps: tuple[str, ...] = Field(min_length=1)
    common_errors: tuple[CommonError, ...] = Field(min_length=1)
    escalate: Escalation
    self_serve: str
    owner_role: str = Field(min_length=1)
    reviewed: date
    review_by: date
    keywords: tuple[str, ...] = ()


class ListPlace(Configured):
    """Where the list lies."""

    site: str
    name: str


class KnowledgeList(Configured):
    """All articles of the list."""

    schema_version: int
    list: ListPlace
    articles: tuple[Article, ...]

    def article(self, article_id: str) -> Article | None:
        """One article by its id."""
        return next((article for article in self.articles if article.id == article_id), None)
