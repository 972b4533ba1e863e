"""S31: active content is found however it is spelt, and nothing else is refused."""

import base64
import contextlib
import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Encryption, Name, Pdf, String

from opus.lib.uploads import findings, office_documents
from opus.lib.uploads import pdf as uploads_pdf
from opus.lib.uploads.findings import Finding as F
from opus.lib.uploads.findings import Found
from opus.lib.uploads.inspection import kind_of
from tests.lib.uploads.files import (
    PDF,
    archive,
    docx,
    field,
    linked,
    mark,
    odt,
    opening,
    pdf,
    related,
    relations,
    script,
)


def launch() -> Dictionary:
    return Dictionary(S=Name.Launch, F=String("cmd.exe"))


def to_page() -> Dictionary:
    return Dictionary(S=Name.GoTo, D=String("top"))


def plain(words: bytes) -> bytes:
    """Our plain PDF with these words in its catalogue."""
    return PDF.replace(b"/Pages 2 0 R", b"/Pages 2 0 R " + words)


def named_script(file: Pdf) -> None:
    file.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), file.make_indirect(script())]))
    )


def script_in_stream(file: Pdf) -> None:
    file.Root.X = Dictionary(S=Name.JavaScript, JS=file.make_stream(b"app.alert(1)"))


def next_action(file: Pdf) -> None:
    links = Array([to_page(), Dictionary(S=Name.GoTo, D=String("a"), Next=launch())])
    linked(Dictionary(S=Name.URI, URI=String("https://a.fr"), Next=links))(file)


def indirect_name(file: Pdf) -> None:
    """The kind of an action, by a reference."""
    kind = file.make_indirect(Name.JavaScript)
    linked(Dictionary(S=kind, JS=file.make_indirect(String("1"))))(file)


def page_action(file: Pdf) -> None:
    file.pages[0].AA = Dictionary(O=Dictionary(S=Name.Named, N=Name.Print))


def field_action(file: Pdf) -> None:
    box = Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=script()))
    file.Root.AcroForm = Dictionary(Fields=Array([file.make_indirect(box)]))


def xfa(file: Pdf) -> None:
    form = Dictionary(Fields=Array([]), XFA=file.make_stream(b"<xdp/>"))
    file.Root.AcroForm = form


def attached(name: str, content: bytes):
    def change(file: Pdf) -> None:
        spec = pikepdf.AttachedFileSpec(file, content, filename=name)
        file.attachments[name] = spec

    return change


def annotated(kind: str):
    def change(file: Pdf) -> None:
        box = Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([0, 0, 9, 9]))
        file.pages[0].Annots = Array([box])

    return change


def content_elsewhere(file: Pdf) -> None:
    stream = file.make_stream(b"")
    stream.F = String("//ailleurs/page")
    file.pages[0].Contents = stream


def updated(content: bytes, more: bytes) -> bytes:
    """One more version of the catalogue after the end, as an editor adds it."""
    at = len(content)
    xref = at + len(more)
    last = content.rfind(b"startxref\n") + 10
    previous = content[last : content.find(b"\n", last)]
    table = b"xref\n1 1\n%010d 00000 n \ntrailer << /Root 1 0 R /Size 9 /Prev %s >>\n"
    return content + more + table % (at, previous) + b"startxref\n%d\n%%%%EOF\n" % xref


TABLED = pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
NEWER = (
    b"1 0 obj << /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch >> >> endobj\n"
)
ACTIVE_PDFS = {
    F.SCRIPT: {
        "opened by a script": pdf(opening(script())),
        "spelt in hexadecimals": plain(
            b"/Open#41ction << /S /J#61v#61Script /#4aS (x) >>"
        ),
        "spelt over lines": plain(b"/OpenAction\n<<%x\n/S%y\n/JavaScript/JS<61>>>"),
        "in the tree of names": pdf(named_script),
        "in a stream": pdf(script_in_stream),
        "by a reference": pdf(indirect_name),
        "a link to a script": pdf(linked(script())),
        "in a field": pdf(field_action),
        "without its kind": pdf(linked(Dictionary(JS=String("1")))),
    },
    F.LAUNCHES: {
        "not compressed": pdf(linked(launch()), compress_streams=False),
        "behind another action": pdf(next_action),
        "in a later version": updated(TABLED, NEWER),
        "another file": pdf(linked(Dictionary(S=Name.GoToR))),
        "content elsewhere": pdf(content_elsewhere),
    },
    F.BROKEN: {
        "damaged": PDF.replace(b"trailer", b"9 0 obj << /S /La#75nch >\ntrailer"),
        "said twice": plain(b"/OpenAction 1 /OpenAction null"),
        "after a slip": plain(b"/X ) /OpenAction null"),
        "cut short": pdf()[:200],
        "nothing": b"%PDF-1.7",
    },
    F.AUTOMATIC: {
        "at the opening": pdf(opening(Dictionary(S=Name.Named))),
        "a link at the opening": pdf(
            opening(Dictionary(S=Name.URI, URI=String("https://a.fr")))
        ),
        "one page, then more": pdf(
            opening(Dictionary(S=Name.GoTo, D=String("a"), Next=to_page()))
        ),
        "at a page": pdf(page_action),
    },
    F.ATTACHED: {
        "an embedded file": pdf(linked(Dictionary(S=Name.GoToE))),
        "a paper clip": pdf(annotated("/FileAttachment")),
        "a program attached": pdf(attached("a.exe", b"MZ")),
        "a page attached": pdf(
            attached("a.xml", b'<html xmlns="http://www.w3.org/1999/xhtml"/>')
        ),
        "a styled page attached": pdf(
            attached("a.xml", b"<?xml-stylesheet href='a.xsl'?><a/>")
        ),
    },
    F.SENDS: {
        "sends": pdf(linked(Dictionary(S=Name.SubmitForm))),
        "imports": pdf(linked(Dictionary(S=Name.ImportData))),
    },
    F.MEDIA: {
        "a film": pdf(linked(Dictionary(S=Name.Rendition))),
        "rich media": pdf(annotated("/RichMedia")),
        "3D": pdf(annotated("/3D")),
    },
    F.XFA: {"a form of its own": pdf(xfa)},
    F.LINK: {
        "a link to a script of browsers": pdf(
            linked(Dictionary(S=Name.URI, URI=String("java\tscript:alert(1)")))
        ),
        "a link to a share": pdf(
            linked(Dictionary(S=Name.URI, URI=String("file://ailleurs/a")))
        ),
    },
    F.LOCKED: {
        "with a password": pdf(encryption=Encryption(owner="a", user="b")),
        "with an empty password": pdf(encryption=Encryption(owner="a", user="")),
        "with half a password": PDF.replace(b"/Root", b"/Encr#79pt 8 0 R /Root"),
    },
    F.TWO_IN_ONE: {
        "and an archive": PDF + archive({"a": b"b"}),
        "and a program": PDF + b"MZ" * 600,
    },
}
EMBEDDED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TYPED = (
    "<Types><Default Extension='rels' ContentType='r'/><Override PartName="
    "'/word/document.xml' ContentType='x.wordprocessingml.document.main+xml'/>"
    "<Override PartName='/word/a.xml' ContentType='{}'/></Types>"
)
SETTINGS = "word/_rels/settings.xml.rels"
TWO_NAMES = io.BytesIO(docx())
with zipfile.ZipFile(TWO_NAMES, "a") as twice:
    twice.writestr("WORD/document.xml", "<a/>")


def typed(kind: str) -> bytes:
    parts = {"[Content_Types].xml": TYPED.format(kind).encode(), "word/a.xml": b"<a/>"}
    return docx(**parts)


def with_template(target: str) -> bytes:
    return docx(**{SETTINGS: relations(f"attachedTemplate {target}")})


def lying(content: bytes, part: bytes) -> bytes:
    """An archive whose list says that a part is ten bytes long."""
    at = content.rfind(part) - 46
    return content[: at + 24] + struct.pack("<L", 10) + content[at + 28 :]


def locked(content: bytes) -> bytes:
    """The flag of encryption, in the list."""
    at = content.find(b"PK\x01\x02")
    return content[: at + 8] + b"\x01\x00" + content[at + 10 :]


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "ah"><!ENTITY b "&a;&a;&a;">]><w:a xmlns:w="w">&b;</w:a>'
)
COMPUTED = (
    f"<w:p>{mark('begin')}{mark('begin')}<w:r><w:instrText>QUOTE 68 68 69</w:instrText>"
    f"</w:r>{mark('end')}<w:r><w:instrText>cmd</w:instrText></w:r>{mark('end')}</w:p>"
)
UNENDED = f"<w:p>{mark('begin')}<w:r><w:instrText>DDE c</w:instrText></w:r></w:p>"
ACTIVE_WORDS = {
    F.MACROS: {
        "macros": docx(**{"word/vbaProject.bin": EMBEDDED}),
        "macros under another name": related("vbaProject a.bin inside"),
        "macros by their type": typed("application/vnd.ms-office.vbaProject"),
        "a document for macros": typed("a.macroEnabled.main+xml"),
        "buttons": related("ui/extensibility a.xml inside"),
        "a button to a macro": field("MACROBUTTON Envoyer [Cliquez]"),
        "a button to a macro that another field names": docx(
            f"{mark('begin')}<w:instrText>MACROBUTTON NoMacro</w:instrText>"
            f"{mark('begin')}<w:instrText>QUOTE 78</w:instrText>{mark('end')}"
            f"{mark('end')}"
        ),
    },
    F.TEMPLATE: {
        "a template": with_template("https://a.fr/a.dotm"),
        "a template of a share": with_template("\\\\ailleurs\\a.dotm"),
        "a template as a file": with_template("file://ailleurs/a"),
        "a template of four": with_template("file:////ailleurs/a"),
        "a template escaped": with_template("%5c%5cailleurs%5ca"),
        "a template twice escaped": with_template("http&#58;%252f%252fa.fr"),
        "a template above": with_template("../../ailleurs/a.dotm"),
        "a template said inside": docx(
            **{SETTINGS: relations("attachedTemplate http://a.fr inside")}
        ),
        "relations in capitals": docx(
            **{"WORD/_RELS/S.XML.RELS": relations("AttachedTemplate http://a")}
        ),
        "the strict names": docx(
            **{
                SETTINGS: relations(
                    "attachedTemplate http://a", kind="http://purl.oclc.org/ooxml"
                )
            }
        ),
        "relations in UTF-16": docx(
            **{
                SETTINGS: b'<?xml version="1.0" encoding="utf-16"?>'.decode().encode(
                    "utf-16"
                )
                + relations("attachedTemplate http://a").decode().encode("utf-16-le")
            }
        ),
    },
    F.EMBEDDED: {
        "an object elsewhere": related("oleObject https://a.fr/a"),
        "an object": docx(**{"word/embeddings/a.bin": EMBEDDED}),
        "an object in the text": docx("<o:OLEObject Type='Link'/>"),
        "a control": related("control activeX1.xml inside"),
        "another document": related("aFChunk a.html inside"),
        "a workbook": related("package a.xlsx inside"),
        "an archive": docx(**{"word/a.bin": archive({"a": b"b"})}),
        "a workbook with macros": docx(
            **{"word/embeddings/a.xlsx": docx(**{"a.bin": EMBEDDED})}
        ),
    },
    F.OUTSIDE: {
        "a picture elsewhere": related("image https://a.fr/a.png"),
        "a picture of a share": related("image file:////a/b.png"),
        "a part elsewhere": related("header https://a.fr/h.xml"),
        "a picture of a site": field('INCLUDEPICTURE "https://a.fr/a.png"'),
        "a text elsewhere": field("INCLUDETEXT https://a.fr"),
        "a linked object": field("LINK Excel.Sheet.8 a.xls"),
        "a picture to fetch": field('INCLUDEPICTURE "\\\\\\\\ailleurs\\\\a.png" \\d'),
        "a picture of a share in a shape": docx(
            "<w:pict><v:imagedata xmlns:v='v' src='//a/b'/></w:pict>"
        ),
    },
    F.DDE: {
        "DDE": field(" DDEAUTO c:\\\\cmd.exe"),
        "DDE in small letters": field("dde cmd"),
        "DDE over runs": field(" D", "DEA", "UTO", " cmd"),
        "DDE without an end": docx(UNENDED),
        "DDE computed": docx(COMPUTED),
        "DDE in one element": docx('<w:fldSimple w:instr="DDE cmd"/>'),
        "DDE in a note": docx(
            **{
                "word/footnotes.xml": b"<a><fldChar fldCharType='begin'/>"
                b"<instrText>DDE a</instrText></a>"
            }
        ),
        "DDE around an element": docx(
            f"{mark('begin')}<w:instrText> <x/>DDE cmd</w:instrText>{mark('end')}"
        ),
        "DDE that a deletion hides": docx(
            f"{mark('begin')}<w:delInstrText>PAGE </w:delInstrText>"
            f"<w:instrText>DDE cmd</w:instrText>{mark('end')}"
        ),
        "DDE that was deleted": docx(
            f"{mark('begin')}<w:delInstrText>DDE c</w:delInstrText>{mark('end')}"
        ),
        "a picture that is a text": docx(
            **{"word/a.svg": b"  " * 99 + b"<a><fldSimple instr='DDE a'/></a>"}
        ),
    },
    F.FIELD: {
        "DDE at the end of a harmless name": field("PA<x/>", "GE", "DDE"),
        "DDE after a word of the text": docx(
            f"{mark('begin')}<w:t>PAGE </w:t><w:instrText>DDE c</w:instrText>"
            f"{mark('end')}"
        ),
        "DDE after a mark that is none of Word's": docx(
            f"{mark('begin')}<x:fldChar xmlns:x='x' x:fldCharType='separate'/>"
            f"<w:instrText>DDE c</w:instrText>{mark('end')}"
        ),
        "an instruction of no field": docx("<w:instrText>DDE c</w:instrText>"),
        "a field that nobody knows": field("NOUVEAU cmd"),
        "a field that asks": field('FILLIN "Votre mot de passe"'),
        "a field of an add-in": field("ADDIN EN.CITE"),
        "a name that another field ends": docx(
            f"{mark('begin')}<w:instrText>I</w:instrText>{mark('begin')}"
            f"<w:instrText>QUOTE 78</w:instrText>{mark('end')}{mark('end')}"
        ),
        "a link that another field computes": docx(
            f"{mark('begin')}<w:instrText>HYPERLINK </w:instrText>{mark('begin')}"
            f"<w:instrText>QUOTE 102</w:instrText>{mark('end')}{mark('end')}"
        ),
    },
    F.BROKEN: {
        "two instructions for one field": docx(
            "<w:fldSimple xmlns:x='x' w:instr='DDE c' x:instr='PAGE'/>"
        ),
        "two marks for one field": docx(
            "<w:fldChar xmlns:x='x' w:fldCharType='begin' x:fldCharType=''/>"
        ),
        "entities": docx(**{"word/styles.xml": BOMB}),
        "no XML": docx(**{"word/styles.xml": b"<a"}),
        "two of a name": TWO_NAMES.getvalue(),
        "of another name": docx().replace(b"word", b"WORD", 1),
        "cut short": docx()[:-30],
    },
    F.LINK: {
        "a link behind its tip": field(
            'HYPERLINK \\o "Mon site" "file://ailleurs/a.exe"'
        ),
        "a link to a program": related("hyperlink ms-msdt:/id"),
        "a link to a share": related("hyperlink file://ailleurs/a.exe"),
        "a field to a program": field('HYPERLINK "search-ms:query=a"'),
    },
    F.SWOLLEN: {"a false length": lying(docx(), b"word/document.xml")},
    F.LOCKED: {"a locked part": locked(docx())},
    F.TWO_IN_ONE: {
        "begins as a PDF": archive({"a": PDF}),
        "after something": b"PK\x03\x04" + docx(),
    },
    F.UNKNOWN: {
        "an archive of nothing": archive({"lisez-moi.txt": b"rien"}),
        "a workbook alone": archive({"xl/workbook.xml": b"<x/>"}),
    },
}
ACTIVE_ODTS = {
    F.MACROS: {
        "macros": odt(**{"Basic/Standard/Module1.xml": b"<a/>"}),
        "a script": odt(**{"Scripts/python/a.py": b"a"}),
        "an event": odt('<script:event-listener xlink:href="vnd.sun.star.script:a"/>'),
        "a link to a macro": odt('<text:a xlink:href="macro:///a"/>'),
    },
    F.TEMPLATE: {
        "a template": odt(
            **{
                "meta.xml": b"<a xmlns:x='x' ><template x:href='https://a.fr/a.ott'/>"
                b"</a>"
            }
        )
    },
    F.OUTSIDE: {
        "a picture elsewhere": odt('<draw:image xlink:href="http://a.fr"/>'),
        "a picture of a share": odt('<draw:image xlink:href="//a/b.png"/>'),
        "a section elsewhere": odt('<text:section-source xlink:href="../a.odt"/>'),
        "a form that sends": odt('<form:form xlink:href="https://a.fr"/>'),
    },
    F.EMBEDDED: {
        "an object": odt("<draw:object-ole/>"),
        "an object as a part": odt(**{"Object 1": EMBEDDED}),
        "a film": odt('<draw:plugin xlink:href="Media/a.mp4"/>'),
    },
    F.DDE: {"DDE": odt("<text:dde-connection-decl office:name='a'/>")},
    F.LOCKED: {
        "encrypted": odt(**{"META-INF/manifest.xml": b"<a><encryption-data/></a>"})
    },
    F.LINK: {"a link to a share": odt('<text:a xlink:href="\\\\a\\b"/>')},
    F.BROKEN: {"entities": odt(**{"styles.xml": BOMB})},
}
ACTIVE = {
    f"{kind}: {name}": (content, finding)
    for kind, findings_of_kind in (
        ("pdf", ACTIVE_PDFS),
        ("docx", ACTIVE_WORDS),
        ("odt", ACTIVE_ODTS),
    )
    for finding, contents in findings_of_kind.items()
    for name, content in contents.items()
}


@pytest.mark.parametrize(("content", "finding"), ACTIVE.values(), ids=ACTIVE)
def test_active_content_is_found_however_it_is_spelt(content, finding):
    with pytest.raises(Found) as refusal:
        kind_of(content)

    assert refusal.value.finding is finding


def page_first(file: Pdf) -> None:
    """LibreOffice opens at the page, LaTeX by an action; a form without actions."""
    file.Root.OpenAction = Array([file.pages[0].obj, Name.XYZ, None, None, 0])
    file.pages[0].AA = Dictionary(O=to_page())
    box = Dictionary(FT=Name.Tx, T=String("nom"), Subtype=Name.Widget)
    file.Root.AcroForm = Dictionary(Fields=Array([file.make_indirect(box)]))
    file.docinfo["/Title"] = String("Développeur PHP/JavaScript")
    file.pages[0].Contents = file.make_stream(b"BT (HTML/JavaScript/Launch) Tj ET")


def links(file: Pdf) -> None:
    addresses = ("https://a.fr/cv?q=1", "mailto:a@b.fr", "tel:+33600000000", "www.a.fr")
    file.pages[0].Annots = Array(
        [
            Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(address)))
            for address in (*addresses, "file:///C:/Users/moi/cv.pdf")
        ]
        + [Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.Named, N=Name.NextPage))]
    )


MODERN, WORDS, ODT = pdf(), docx(), odt()
FIGURES = docx(**{"xl/workbook.xml": b"<workbook/>"})
TEMPLATE = "file:///C:\\Users\\moi\\AppData\\Roaming\\Microsoft\\Templates\\CV.dotx"
SOUND = {
    "a plain PDF": (PDF, "pdf"),
    "a PDF of today": (pdf(), "pdf"),
    "a PDF with trailing zeros": (PDF + b"\0" * 4_000, "pdf"),
    "a PDF of LibreOffice": (pdf(page_first, compress_streams=False), "pdf"),
    "a PDF of LaTeX": (pdf(opening(to_page())), "pdf"),
    "links": (pdf(links), "pdf"),
    "a developer's, damaged": (
        plain(b"/Title (PHP/Java)") + b"\nstartxref\n7\n%%EOF",
        "pdf",
    ),
    "a CV of Europass": (
        pdf(
            attached(
                "attachment.xml", b'<Candidate xmlns="http://www.europass.eu/1.0"/>'
            )
        ),
        "pdf",
    ),
    "a plain docx": (docx(), "docx"),
    "a docx of a template": (with_template(TEMPLATE), "docx"),
    "a docx of a Mac's template": (with_template("file:///Users/moi/CV.dotx"), "docx"),
    "a docx of Normal": (with_template("Normal.dotm"), "docx"),
    "a docx with links": (
        related(
            "hyperlink https://a.fr/?q=%20a",
            "hyperlink mailto:a@b.fr",
            "hyperlink www.a.fr",
            "hyperlink htttp://a",
            "hyperlink ms-formation.fr",
            "image media/image1.png inside",
            "image NULL",
            "image file:///C:\\Users\\moi\\photo.png",
        ),
        "docx",
    ),
    "a docx with fields": (
        docx(
            f"<w:p>{mark('begin')}<w:r><w:instrText> PAGE \\* MERGEFORMAT"
            f"</w:instrText></w:r>{mark('separate')}<w:r><w:t>DDE 1</w:t></w:r>"
            f"{mark('end')}</w:p>"
            '<w:fldSimple w:instr=" MACROBUTTON NoMacro [Nom] "/>'
            '<w:fldSimple w:instr="INCLUDEPICTURE &quot;C:\\\\moi.png&quot; \\d"/>'
            '<w:fldSimple w:instr="PAGE\\* MERGEFORMAT"/><w:fldSimple w:instr=""/>'
            "<w:fldSimple w:instr=' date \\@ \"d MMMM yyyy\" '/>"
            "<w:fldSimple w:instr='TOC \\o \"1-3\" \\h \\z \\u'/>"
        ),
        "docx",
    ),
    "a docx with a table of contents": (
        docx(
            f"{mark('begin')}<w:instrText> TOC \\h</w:instrText>{mark('separate')}"
            f"{mark('begin')}<w:instrText>HYPERLINK \\l </w:instrText>"
            f'<w:instrText>"_Toc1"</w:instrText>{mark("separate")}<w:t>Études</w:t>'
            f"{mark('begin')}<w:instrText>PAGEREF _Toc1 \\h</w:instrText>"
            f"{mark('separate')}<w:t>1</w:t>{mark('end')}{mark('end')}{mark('end')}"
            '<w:fldSimple w:instr="HYPERLINK &quot;https://a.fr/?a=1&quot; \\t _b"/>'
            '<w:fldSimple w:instr="HYPERLINK mailto:a@b.fr"/>'
        ),
        "docx",
    ),
    "a docx with a chart": (
        docx(
            **{
                "word/charts/_rels/chart1.xml.rels": relations(
                    "package ../embeddings/a.xlsx inside"
                ),
                "word/embeddings/a.xlsx": FIGURES,
                "word/media/image1.png": b"\x89PNG",
                "word/media/image2.svg": b"<!DOCTYPE svg PUBLIC '-' 'a'><svg/>",
                "word/empty.xml": b"",
            }
        ),
        "docx",
    ),
    "a plain odt": (odt(), "odt"),
    "an odt with links": (
        odt(
            '<text:a xlink:href="https://a.fr">a</text:a>'
            '<draw:image xlink:href="Pictures/a.png"/>'
            '<draw:object xlink:href="./Object 1"/>'
            '<form:form xlink:href=""/>',
            **{
                "Configurations2/accelerator/current.xml": b"",
                "Pictures/a.svg": b"<!DOCTYPE svg><svg/>",
                "meta.xml": b"<a xmlns:x='x'><template x:href='../CV.ott'/></a>",
            },
        ),
        "odt",
    ),
}


PARTS = ["header1", "footer2", "footnotes", "endnotes", "comments", "glossary/document"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "name", [*office_documents.FIELDS, "ASK", "PRINT", "GOTOBUTTON"]
)
def test_a_field_that_is_not_known_to_be_harmless_is_refused_in_each_part(part, name):
    body = f"<a><fldSimple instr='{name} a'/></a>"

    with pytest.raises(Found):
        kind_of(docx(**{f"word/{part}.xml": body.encode()}))


@pytest.mark.parametrize("name", sorted(office_documents.HARMLESS))
def test_a_field_of_the_document_itself_passes(name):
    assert kind_of(field(f" {name.lower()} \\* MERGEFORMAT ")) == "docx"


@pytest.mark.parametrize(("content", "kind"), SOUND.values(), ids=SOUND)
def test_a_document_that_only_shows_passes(content, kind):
    assert kind_of(content) == kind


def test_each_finding_is_a_reason_and_a_remedy():
    found = {finding for _, finding in ACTIVE.values()}

    assert set(F) - found == {F.TOO_COMPLEX}
    for finding in F:
        assert finding.endswith(".")


def test_one_that_swells_is_not_passed_on():
    """A few kilobytes that would weigh a hundred megabytes in a reader's memory."""
    parts = {"word/document.xml": b"\0" * (findings.MAX_UNPACKED + 1)}

    with pytest.raises(Found, match=F.SWOLLEN.name):
        kind_of(archive(parts, packed=True))


def shown(content: bytes, *filters: str, **more: object) -> bytes:
    """A PDF whose page has this stream, as it stands."""

    def change(file: Pdf) -> None:
        stream = file.make_stream(content)
        if filters:
            stream.Filter = Array([Name(f"/{name}") for name in filters])
        for key, value in more.items():
            stream[f"/{key}"] = value
        file.pages[0].Contents = stream

    return pdf(change, compress_streams=False)


def lzw_of_nothing(codes: int, early: int = 1) -> bytes:
    """One zero, two zeros, three… in LZW."""
    bits = ""
    for code in range(codes):
        place = code % 3_800
        # What a reader's table holds before it reads this one.
        width = (257 + max(1, place) + early).bit_length()
        if place == 0:
            bits += f"{256:0{12 if code else 9}b}"
        bits += f"{257 + place if place else 0:0{9 if place == 0 else width}b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


@pytest.fixture
def small_bound(monkeypatch):
    monkeypatch.setattr(uploads_pdf, "MAX_UNPACKED", 100_000)
    monkeypatch.setattr(uploads_pdf, "MAX_OF_ALL", 300_000)


def in_runs(content: bytes) -> bytes:
    """Each byte a run of its own, then the end."""
    return b"".join(b"\0" + bytes([byte]) for byte in content) + b"\x80"


ZEROS = zlib.compress(bytes(100_001))
A_PICTURE = b"q BI /W 9 /H 9 /BPC 8 /CS /G /F %s ID %s EI Q"
SWOLLEN = {
    "one stream": shown(ZEROS, "FlateDecode"),
    "by its short name": shown(ZEROS, "Fl"),
    "packed twice": shown(zlib.compress(ZEROS), "FlateDecode", "FlateDecode"),
    "behind digits": shown(ZEROS.hex().encode() + b">", "AHx", "FlateDecode"),
    "behind letters": shown(
        base64.a85encode(ZEROS, adobe=True)[2:], "ASCII85Decode", "Fl"
    ),
    "damaged at its end": shown(ZEROS[:-5] + b"?", "FlateDecode"),
    "in another way": shown(lzw_of_nothing(447), "LZWDecode"),
    "in runs": shown(b"\x81\0" * 1_000, "RunLengthDecode"),
    "in runs of something packed": shown(in_runs(ZEROS), "RL", "FlateDecode"),
    "a picture of the page's own": shown(A_PICTURE % (b"/Fl", ZEROS)),
    "spelt in hexadecimals": shown(A_PICTURE % (b"[/F#6c]", ZEROS)),
    "a picture in the packed page": shown(
        zlib.compress(A_PICTURE % (b"/Fl", ZEROS)), "FlateDecode"
    ),
    "by its size": shown(b"", "DCTDecode", Width=60_000, Height=60_000),
    "by its size, in the page": shown(b"BI /W 60000 /H 60000 /F /CCF ID  EI"),
}


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize("content", SWOLLEN.values(), ids=SWOLLEN)
def test_a_pdf_that_swells_is_not_passed_on(content):
    with pytest.raises(Found, match=F.SWOLLEN.name):
        kind_of(content)


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize(
    "content",
    [
        shown(zlib.compress(bytes(100_000)), "FlateDecode"),
        shown(lzw_of_nothing(446), "LZWDecode"),
        shown(b"\xff\xd8", "DCTDecode", Width=10_000, Height=14_000),
        shown(A_PICTURE % (b"/Fl", zlib.compress(bytes(81)))),
        shown(zlib.compress(b"\xff\xd8"), "FlateDecode", "DCTDecode"),
        shown(b"?", "FlateDecode"),
    ],
)
def test_a_pdf_within_the_bound_passes(content):
    assert kind_of(content) == "pdf"


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize(("streams", "is_refused"), [(3, False), (4, True)])
def test_the_streams_of_a_pdf_have_one_bound_together(streams, is_refused):
    def change(file: Pdf) -> None:
        each = [
            file.make_stream(zlib.compress(bytes(90_000)), Filter=Name.FlateDecode)
            for _ in range(streams)
        ]
        file.pages[0].Contents = Array(each)

    content = pdf(change, compress_streams=False)

    if is_refused:
        with pytest.raises(Found, match=F.SWOLLEN.name):
            kind_of(content)
    else:
        assert kind_of(content) == "pdf"


@pytest.mark.usefixtures("small_bound")
@pytest.mark.parametrize(("codes", "is_refused"), [(446, False), (447, True)])
@pytest.mark.parametrize("early", [0, 1])
def test_lzw_is_weighed_as_a_reader_unpacks_it(early, codes, is_refused):
    parameters = Dictionary(EarlyChange=early)
    content = shown(lzw_of_nothing(codes, early), "LZWDecode", DecodeParms=parameters)

    with pytest.raises(Found) if is_refused else contextlib.nullcontext():
        assert kind_of(content) == "pdf"


def test_one_of_countless_parts_is_not_passed_on():
    parts = {f"word/{n}": b"" for n in range(findings.MAX_PARTS + 1)}

    with pytest.raises(Found, match=F.SWOLLEN.name):
        kind_of(archive(parts))


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_break_the_reading(noise, at, patch):
    """Whatever comes: one of three kinds or a finding, never a breakdown."""
    crafted = b"PK\x03\x04" + noise + b"PK\x05\x06" + noise[:18].ljust(18, b"\0")
    huge = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 2**31, 9, 0)
    wholes = (PDF, MODERN, WORDS, ODT)
    patched = [some[:at] + patch + some[at + len(patch) :] for some in wholes]
    for content in (
        b"%PDF-" + noise,
        PDF + noise,
        crafted,
        b"PK\x03\x04" + huge,
        *patched,
    ):
        with contextlib.suppress(Found):
            assert kind_of(content) in {"pdf", "docx", "odt"}
