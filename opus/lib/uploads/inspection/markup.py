"""XML without a DTD: no entity swells, none fetches a file."""

from xml.parsers import expat

from opus.lib.uploads.inspection.findings import Finding, Found

# Of two with one local name, we would judge one, and a program might obey the other.
JUDGED = {
    *("instr", "fldCharType", "src", "href"),
    *("Type", "Target", "TargetMode", "ContentType", "PartName", "Extension"),
}


class Reader:
    """Reads nothing; subclasses read the parts that count."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, words: str) -> None: ...


def read(
    content: bytes, reader: Reader, *, is_data: bool = False, is_drawing: bool = False
) -> None:
    """Walk the elements by their local names. Raises Found.

    ``is_data``: it will be opened by itself, so no stylesheet may turn it into a page.
    ``is_drawing``: it may name the DTD of SVG, which nobody fetches, without entities.
    """
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        if is_data and "http://www.w3.org/" in name:
            raise Found(Finding.ATTACHED)
        values: dict[str, str] = {}
        for key, value in attributes.items():
            if local(key) in JUDGED & values.keys():
                raise Found(Finding.BROKEN)
            values[local(key)] = value
        reader.start(local(name), values)

    def end(name: str) -> None:
        reader.end(local(name))

    def doctype(name: str, system: object, public: object, has_entities: bool) -> None:
        if has_entities or not is_drawing:
            raise Found(Finding.BROKEN)

    def instruction(target: str, _: str) -> None:
        if is_data and target.lower() == "xml-stylesheet":
            raise Found(Finding.ATTACHED)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = doctype
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Found(Finding.BROKEN) from error


def local(name: str) -> str:
    return name.rpartition(" ")[2]


def is_markup(content: bytes) -> bool:
    """Return whether it begins as XML does, in one of its encodings."""
    return content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<")
