"""azure-functions.md 4.2: templates and constraints."""

import pytest

from sandbox.functions.templates import Template

MATCHES = [
    ("a/b", "A/B/", {}),
    ("a/b", "a", None),
    ("a/b", "a//b", None),
    ("", "", {}),
    ("", "a", None),
    ("a/{x}", "a/Grü%C3%9Fe", {"x": "Grüße"}),
    ("a/{x}", "a", None),
    ("a/{x?}", "a", {}),
    ("a/{x?}", "a/1", {"x": "1"}),
    ("a/{x=5}", "a", {"x": "5"}),
    ("a/{x:int=5}", "a/7", {"x": "7"}),
    ("a/{x:int?}", "a/b", None),
    ("a/{*rest}", "a", {}),
    ("a/{*rest}", "a/b/c", {"rest": "b/c"}),
    ("{name}.{kind:alpha}", "report.pdf", {"name": "report", "kind": "pdf"}),
    ("v{major:int}/x", "V2/x", {"major": "2"}),
    ("{x:long}", "2147483648", {"x": "2147483648"}),
    ("{x:int}", "2147483648", None),
    ("{x:int}", "-5", {"x": "-5"}),
    ("{x:bool}", "True", {"x": "True"}),
    ("{x:bool}", "1", None),
    ("{x:guid}", "6f9619ff8b86d011b42d00cf4fc964ff", {"x": "6f9619ff8b86d011b42d00cf4fc964ff"}),
    ("{x:guid}", "6f9619ff-8b86", None),
    ("{x:decimal}", "1.5", {"x": "1.5"}),
    ("{x:decimal}", "1e5", None),
    ("{x:double}", "1e5", {"x": "1e5"}),
    ("{x:float}", "x", None),
    ("{x:datetime}", "2026-02-09", {"x": "2026-02-09"}),
    ("{x:datetime}", "monday", None),
    ("{x:alpha}", "aZ", {"x": "aZ"}),
    ("{x:alpha}", "a1", None),
    ("{x:minlength(2)}", "a", None),
    ("{x:maxlength(2)}", "abc", None),
    ("{x:length(2)}", "ab", {"x": "ab"}),
    ("{x:length(2,3)}", "abcd", None),
    ("{x:min(3)}", "2", None),
    ("{x:max(3)}", "3", {"x": "3"}),
    ("{x:range(1,9)}", "0", None),
    (r"{x:regex(^\d{{3}}-[a-z]$)}", "123-Q", {"x": "123-Q"}),
    (r"{x:regex(^\d{{3}}$)}", "12", None),
    ("{x:required}", "a", {"x": "a"}),
    ("{x:int:range(1,9)}", "5", {"x": "5"}),
]


@pytest.mark.parametrize(("template", "path", "values"), MATCHES)
def test_a_path_matches_or_does_not(template, path, values):
    assert Template(template).match(path) == values


@pytest.mark.parametrize(
    "template",
    ["{x:unknown}", "{x:range(1)}", "{x:int(5)}", "{x?}/a", "{*x}/a", "{x}/{X}", "{x", "{}", "{a?}.{b}"],
)
def test_a_wrong_template_is_refused(template):
    with pytest.raises(ValueError, match="route"):
        Template(template)
