"""What staff of France Travail may do in the admin, by role. No one deletes (S27)."""

# Codes as Django writes them: "app.verb_model". "app.view_*" covers an app's models.
STAFF_PERMISSIONS: dict[str, frozenset[str]] = {
    "admin": frozenset(
        {
            "accounts.view_*",
            "accounts.add_structure",
            "accounts.change_structure",
            "accounts.add_agency",
            "accounts.change_agency",
            "accounts.add_convention",
            "accounts.change_convention",
            "accounts.add_nomination",
            "accounts.change_nomination",
            "accounts.add_user",
            "accounts.change_user",
            "lib.view_*",
            "offers.view_*",
            "referrals.view_*",
            "referrals.add_outcomecode",
            "referrals.change_outcomecode",
            "referrals.change_referral",
        }
    ),
    "agent": frozenset(
        {
            "accounts.view_agency",
            "accounts.view_convention",
            "accounts.view_nomination",
            "accounts.view_structure",
            "offers.view_*",
            "referrals.change_referral",
            "referrals.view_outcomecode",
            "referrals.view_referral",
        }
    ),
}


def staff_may(role: str, permission: str) -> bool:
    """Whether that role holds that permission (``app.verb_model``)."""
    granted = STAFF_PERMISSIONS.get(role, frozenset())
    app, _, code = permission.partition(".")
    verb = code.partition("_")[0]
    return permission in granted or f"{app}.{verb}_*" in granted
