"""Files from outside, made here: sound ones, and what may be hidden in them."""

import io
import zipfile
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

# As a scanner or an old program writes it: no table of its objects.
PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""
ODT_TYPE = "application/vnd.oasis.opendocument.text"
OOXML = "http://schemas.openxmlformats.org/package/2006/"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main"
TYPES = f"""<?xml version="1.0"?><Types xmlns="{OOXML}content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.rels"/>
<Override PartName="/word/document.xml" ContentType="{MAIN}+xml"/></Types>"""
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(
    f'xmlns:{name}="{ODF}{name}:1.0"'
    for name in ("office", "text", "draw", "script", "meta", "style", "form")
)


def pdf(change: Callable[[Pdf], None] | None = None, **how: object) -> bytes:
    """A page with the tables of a modern PDF, and whatever is added to it."""
    file = pikepdf.new()
    file.add_blank_page()
    if change:
        change(file)
    out = io.BytesIO()
    how.setdefault("object_stream_mode", pikepdf.ObjectStreamMode.generate)
    file.save(out, **how)
    return out.getvalue()


def opening(action: object) -> Callable[[Pdf], None]:
    def change(file: Pdf) -> None:
        file.Root.OpenAction = action

    return change


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def linked(action: Dictionary) -> Callable[[Pdf], None]:
    """A link on the page that does it when somebody clicks."""

    def change(file: Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, A=action)
        link.Rect = Array([0, 0, 9, 9])
        file.pages[0].Annots = Array([file.make_indirect(link)])

    return change


def archive(parts: dict[str, bytes], *, packed: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in parts.items():
            kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            file.writestr(name, content, kind)
    return out.getvalue()


def docx(body: str = "<w:p/>", **more: bytes) -> bytes:
    text = f'<w:document xmlns:w="{W}" xmlns:o="urn:o"><w:body>{body}</w:body>'
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "word/document.xml": f"{text}</w:document>".encode(),
    }
    return archive(parts | more, packed=True)


def relations(*rows: str, kind: str = OFFICE) -> bytes:
    """Rows: ``type target`` is outside, ``type target inside`` is not."""
    items = ""
    for number, row in enumerate(rows):
        name, target, *mode = row.split(" ")
        outside = "" if mode else ' TargetMode="External"'
        items += f'<Relationship Id="r{number}" Type="{kind}/{name}" '
        items += f'Target="{target}"{outside}/>'
    space = f'xmlns="{OOXML}relationships"'
    return f"<Relationships {space}>{items}</Relationships>".encode()


def related(*rows: str) -> bytes:
    return docx(**{"word/_rels/document.xml.rels": relations(*rows)})


def field(*runs: str) -> bytes:
    """A field whose instruction is cut into these runs."""
    words = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    return docx(f"<w:p>{mark('begin')}{words}{mark('separate')}{mark('end')}</w:p>")


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def odt(body: str = "<text:p/>", **more: bytes) -> bytes:
    spaces = f'{SPACES} xmlns:xlink="http://www.w3.org/1999/xlink"'
    text = f"<office:document-content {spaces}>{body}</office:document-content>"
    parts = {"mimetype": ODT_TYPE.encode(), "content.xml": text.encode()}
    return archive(parts | more)
