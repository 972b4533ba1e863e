"""The demo model text, in our own words, and a signed copy."""

from pathlib import Path

from accounts.agreements import actions
from accounts.agreements.models.articles import ModelText
from accounts.agreements.models.conventions import Convention
from accounts.users.models import User

TEXT = Path(__file__).with_name("model_text.txt")
LEGAL_BASIS = """\
le code du travail, articles R. 5213-1 à R. 5213-8 et R. 5214-23
la loi n° 2005-32 du 18 janvier 2005
la loi n° 2008-126 du 13 février 2008
la convention pluriannuelle 2015-2018 entre l’État, l’Unédic et Pôle emploi
la délibération du conseil d’administration du 19 décembre 2008 qui crée Pôle emploi
la loi n° 2023-1196 du 18 décembre 2023 pour le plein emploi (France Travail)
"""
# The smallest PDF that readers open, with one line.
SCAN = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R
/Resources << /Font << /F 4 0 R >> >> >> endobj
4 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
5 0 obj << /Length 48 >> stream
BT /F 14 Tf 60 760 Td (Exemplaire fictif) Tj ET
endstream endobj
trailer << /Root 1 0 R >>
%%EOF
"""


def seed_model_text(by: User) -> None:
    model_text = ModelText.objects.create(
        name="2026-1", legal_basis=LEGAL_BASIS, text=TEXT.read_text(encoding="utf-8")
    )
    actions.publish(model_text, by=by)


def sign(convention: Convention, *, by: User) -> None:
    """Sign it as the admin does, with its document and its scan."""
    actions.sign_convention(convention, by=by)
    actions.keep_signed_copy(convention, by=by, file=SCAN)
