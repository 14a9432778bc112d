"""HTML of mails to text that keeps what the layout says: where a quote starts, and label-value rows."""

import html
import re
from dataclasses import dataclass
from itertools import islice

import lxml.html
import nh3
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

from schemas.mail import LabelledCell

LONGEST_HTML = 2_000_000  # characters
MOST_ROWS = 2_000
DEEPEST_TREE = 250  # inscriptis walks the tree by recursion

# Private-use characters carry structure through the text conversion. Incoming text never holds them
# (charset.clean removes them).
QUOTE_START = "\ue000"  # everything below was written before this mail
CITE_OPEN = "\ue001"
CITE_CLOSE = "\ue002"
SIGNATURE = "\ue003"

_TAGS = set(
    re.findall(
        r"\w+",
        "a address article aside b blockquote body br caption center dd details div dl dt em fieldset figcaption"
        " figure font footer form h1 h2 h3 h4 h5 h6 header hr i legend li main nav ol p pre q s section span"
        " strong sub summary sup table tbody td tfoot th thead tr u ul",
    )
)
# Blocks that the text conversion takes for words of a line: it would glue a term to its definition.
_BLOCKS = tuple(
    re.findall(
        r"\w+",
        "address article aside caption center dd details dl dt fieldset figcaption figure footer form header hr"
        " legend main nav section summary",
    )
)
_ATTRIBUTES = {"*": {"id", "class", "type"}, "blockquote": {"cite"}, "td": {"colspan"}, "th": {"colspan"}}
_DROPPED = {"script", "style", "title", "head", "noscript", "template", "object", "svg", "math"}
# Where mail clients put the mail that is answered: Outlook desktop and web, new Outlook, Outlook mobile,
# Outlook for Mac, Yahoo, Gmail without a blockquote.
_QUOTES = re.compile(
    r"divRplyFwdMsg|mail-editor-reference-message-container|ms-outlook-mobile-reference-message"
    r"|OLK_SRC_BODY_SECTION|yahoo_quoted|gmail_quote_container|zmail_extra|moz-forward-container",
    re.IGNORECASE,
)
_CITES = re.compile(
    r"gmail_quote|protonmail_quote|yahoo-quoted|tutanota_quote|moz-cite|cite|quote", re.IGNORECASE
)
_SIGNATURES = re.compile(
    r"^(?:gmail_signature|moz-signature|ms-outlook-mobile-signature|protonmail_signature_block)"
)
_LANGUAGE = re.compile(r"<(?:html|body)\b[^>]{0,2000}?\slang\s*=\s*[\"']?([a-z]{2,3})\b", re.IGNORECASE)
_HINT = re.compile(rf"{_QUOTES.pattern}|<blockquote\b", re.IGNORECASE)
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy(), table_cell_separator="\t")


@dataclass(frozen=True)
class Markup:
    """What an HTML section says: text with structure marks, and its two-cell rows."""

    text: str
    cells: tuple[LabelledCell, ...] = ()


def read_markup(source: str, faults: list[str]) -> Markup:
    """Text of an HTML section. Nothing in it is loaded or run; too large or too deep is noted."""
    if len(source) > LONGEST_HTML:
        faults.append("only the first 2,000,000 characters of the HTML text were read")
        source = source[:LONGEST_HTML]
    safe = nh3.clean(source, tags=_TAGS, attributes=_ATTRIBUTES, clean_content_tags=_DROPPED, link_rel=None)
    if not safe.strip():
        return Markup("")
    try:
        tree = lxml.html.fromstring(f"<div>{safe}</div>")
        if _depth(tree) > DEEPEST_TREE:
            raise RecursionError
        cells = tuple(_cells(tree))
        for block in list(tree.iter(*_BLOCKS)):
            block.tag = "div"
        _mark(tree)
        return Markup(_cited(Inscriptis(tree, _CONFIG).get_text()), cells)
    except (RecursionError, ValueError, lxml.etree.LxmlError, IndexError, AttributeError):
        faults.append("the HTML text is malformed; it was read without its layout")
        return Markup(_bare(safe))


def language(source: str) -> str | None:
    """The language that the HTML names for itself, as a primary tag."""
    match = _LANGUAGE.search(source[:20_000])
    return match[1].lower() if match else None


def has_quote(source: str) -> bool:
    """Whether the HTML shows by structure where a quote starts."""
    return _HINT.search(source) is not None


def has_rows(source: str) -> bool:
    """Whether there may be label-value rows."""
    return re.search(r"<(?:t[dh]|dt)\b", source, re.IGNORECASE) is not None


def _depth(tree: lxml.html.HtmlElement) -> int:
    deepest = depth = 0
    for event, _ in lxml.etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _bare(safe: str) -> str:
    breaks = re.sub(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", "\n", safe, flags=re.IGNORECASE)
    return html.unescape(nh3.clean(breaks, tags=set()))


def _mark(tree: lxml.html.HtmlElement) -> None:
    for element in list(tree.iter("div", "span", "blockquote", "table", "p")):
        names = f"{element.get('id', '')} {element.get('class', '')}"
        if element.tag == "blockquote":
            if _is_cite(element, names):
                element.text, element.tail = (
                    f"{CITE_OPEN}{element.text or ''}",
                    f"{CITE_CLOSE}{element.tail or ''}",
                )
        elif _QUOTES.search(names):
            element.addprevious(_line(QUOTE_START)) if element.getparent() is not None else None
        elif any(_SIGNATURES.match(name) for name in names.split()):
            element.addprevious(_line(SIGNATURE)) if element.getparent() is not None else None


def _line(mark: str) -> lxml.html.HtmlElement:
    line = lxml.html.Element("div")
    line.text = mark
    return line


def _is_cite(element: lxml.html.HtmlElement, names: str) -> bool:
    """Outlook on the web indents by blockquotes too: without a sign of quoting it is new text."""
    return (
        element.get("type") == "cite" or element.get("cite") is not None or _CITES.search(names) is not None
    )


def _cited(text: str) -> str:
    """Cite marks turned into the > of plain mails."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        for piece in re.split(f"([{CITE_OPEN}{CITE_CLOSE}])", line):
            if piece == CITE_OPEN:
                depth += 1
            elif piece == CITE_CLOSE:
                depth = max(depth - 1, 0)
            elif piece.strip() or piece == line:
                lines.append(("> " if depth else "") + piece)
    return "\n".join(lines)


def _cells(tree: lxml.html.HtmlElement) -> list[LabelledCell]:
    """Rows of two cells, terms with their definitions, and tables of a head row with one row below."""
    found: list[LabelledCell] = []
    columns = {id(table): _columns(table) for table in islice(tree.iter("table"), MOST_ROWS)}
    for row in islice(tree.iter("tr"), MOST_ROWS):
        if row.find(".//table") is not None or columns.get(id(next(row.iterancestors("table"), None))):
            continue  # a table for layout only, or one with a head row
        found += _row_cells(row)
    for term in islice(tree.iter("dt"), MOST_ROWS):
        below = term.getnext()
        if below is not None and below.tag == "dd":
            found += _labelled(_cell_text(term), _cell_text(below))
    return found + [cell for cells in columns.values() for cell in cells]


def _row_cells(row: lxml.html.HtmlElement) -> list[LabelledCell]:
    """Labels with values in one row: two cells, with or without a number before them, or bold and plain by turns."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    texts = [_cell_text(cell) for cell in cells]
    if len(texts) == 3 and re.fullmatch(r"\(?(?:\d{1,2}|[a-z])[.)]?|\W?", texts[0]):
        cells, texts = cells[1:], texts[1:]
    if len(texts) == 2:
        return _labelled(texts[0], texts[1])
    pairs = zip(texts[::2], texts[1::2], strict=True) if _by_turns(cells) else ()
    return [cell for label, value in pairs for cell in _labelled(label, value)]


def _by_turns(cells: list[lxml.html.HtmlElement]) -> bool:
    """Whether a bold cell and a plain one take turns."""
    return len(cells) % 2 == 0 and all(_is_bold(cell) == (at % 2 == 0) for at, cell in enumerate(cells))


def _columns(table: lxml.html.HtmlElement) -> list[LabelledCell]:
    """Labels above their values: a head row and exactly one row below it.

    Several rows are several things: which of them a value belongs to is not for a machine to guess. Of two cells
    a row is a label with its value, unless only the first row is set as a head.
    """
    if table.find(".//table") is not None:
        return []
    rows = list(islice(table.iter("tr"), 3))
    if len(rows) != 2 or any(_by_turns(list(row)) for row in rows):
        return []
    labels, values = _row_texts(rows[0]), _row_texts(rows[1])
    headed = _is_head(rows[0]) and not _is_head(rows[1])
    if len(labels) != len(values) or not (len(labels) > 2 or (len(labels) == 2 and headed)):
        return []
    return [
        cell for label, value in zip(labels, values, strict=True) if value for cell in _labelled(label, value)
    ]


def _is_head(row: lxml.html.HtmlElement) -> bool:
    """Whether all cells of a row are set as a head or in bold."""
    return all(_is_bold(cell) for cell in row if cell.tag in ("td", "th"))


def _is_bold(cell: lxml.html.HtmlElement) -> bool:
    return cell.tag == "th" or cell.find(".//b") is not None or cell.find(".//strong") is not None


def _row_texts(row: lxml.html.HtmlElement) -> list[str]:
    return [_cell_text(cell) for cell in row if cell.tag in ("td", "th")]


def _labelled(label: str, value: str) -> list[LabelledCell]:
    if not label or len(label) > 120:
        return []
    return [LabelledCell(label=label.rstrip(": "), value=value)]


def _cell_text(cell: lxml.html.HtmlElement) -> str:
    for line_break in cell.iter("br", "p", "div"):
        line_break.tail = f" {line_break.tail or ''}"
    return " ".join(str(cell.text_content()).split())
