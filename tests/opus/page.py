"""A page read as a browser does: its tags, and what they hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "link", "meta", "br", "img", "hr", "col", "source", "wbr"}


@dataclass
class Tag:
    """One element: its name, its attributes and all the text inside it."""

    name: str
    attrs: dict[str, str]
    text: str = ""
    # What lies around it, outermost first.
    within: tuple[str, ...] = ()

    def __getitem__(self, attribute: str) -> str:
        return self.attrs[attribute]

    def words(self) -> str:
        """The text with its white space made plain."""
        return " ".join(self.text.replace("\N{NO-BREAK SPACE}", " ").split())


@dataclass
class Page(HTMLParser):
    """``Page.of(response)``; then ``page.all("h1")``, ``page.by_id("id_name")``."""

    tags: list[Tag] = field(default_factory=list)
    open_tags: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, source) -> "Page":
        page = cls()
        page.feed(source if isinstance(source, str) else source.content.decode())
        return page

    def handle_starttag(self, tag, attrs):
        element = Tag(
            tag,
            {name: value or "" for name, value in attrs},
            within=tuple(one.name for one in self.open_tags),
        )
        self.tags.append(element)
        if tag not in VOID:
            self.open_tags.append(element)

    def handle_endtag(self, tag):
        while self.open_tags and self.open_tags.pop().name != tag:
            pass

    def handle_data(self, data):
        for element in self.open_tags:
            element.text += data

    def all(self, name: str, **attrs: str) -> list[Tag]:
        return [
            tag
            for tag in self.tags
            if tag.name == name and attrs.items() <= tag.attrs.items()
        ]

    def one(self, name: str, **attrs: str) -> Tag:
        (tag,) = self.all(name, **attrs)
        return tag

    def by_id(self, identifier: str) -> Tag:
        (tag,) = [tag for tag in self.tags if tag.attrs.get("id") == identifier]
        return tag

    def primary_actions(self) -> list[str]:
        """The words of the buttons that stand out in the page's own part."""
        own = [tag for tag in self.tags if "main" in tag.within]
        classes = [(tag, tag.attrs.get("class", "").split()) for tag in own]
        return [
            tag.words()
            for tag, names in classes
            if "fr-btn" in names
            and not {"fr-btn--secondary", "fr-btn--tertiary"} & set(names)
        ]

    def links(self) -> dict[str, str]:
        """The words of each link, and where it leads."""
        return {tag.words(): tag.attrs.get("href", "") for tag in self.all("a")}
