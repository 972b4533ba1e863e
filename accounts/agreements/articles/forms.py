from typing import Any

from django.contrib.admin.widgets import AdminTextareaWidget

from accounts.agreements.articles import actions
from accounts.agreements.articles.models import digest_of
from opus.lib.model_admin.forms import AdminActionForm, ChangeForm
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.uploads.received import PdfField


class ModelTextForm(ChangeForm):
    class Meta:
        widgets = {
            "legal_basis": AdminTextareaWidget(attrs={"rows": 8}),
            "text": AdminTextareaWidget(attrs={"rows": 40}),
        }


class SignedCopyForm(AdminActionForm):
    act = actions.keep_signed_copy
    privacy_notice = PrivacyNotice.CONVENTION

    file = PdfField(
        label="Exemplaire signé (PDF)",
        help_text="La convention signée des deux parties, avec ses annexes, numérisée "
        "en noir et blanc. 2 Mo au plus.",
    )

    def audit_details(self) -> dict[str, Any]:
        return {"sha256": digest_of(self.cleaned_data["file"])}
