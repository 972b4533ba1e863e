"""What staff of France Travail may do in the admin, by role. No one deletes (S27).

Conventions, annexes, RGC and accounts belong to the directorates; an agency's agent
reads them, proposes an RGC, an amendment or an early end, notes opinions (the actions
of ``accounts.nominations`` and ``agreements`` refuse him the decisions), and gives
France Travail's word on the acts of its offers (domain 5.7). How far each sees is told
by ``accounts.scope``.
"""

# Codes as Django writes them: "app.verb_model".
STAFF_PERMISSIONS: dict[str, frozenset[str]] = {
    "admin": frozenset(
        {
            "accounts.view_agency",
            "accounts.add_agency",
            "accounts.change_agency",
            "accounts.view_alert",
            "accounts.change_alert",
            "accounts.view_structure",
            "accounts.add_structure",
            "accounts.change_structure",
            "accounts.view_convention",
            "accounts.add_convention",
            "accounts.change_convention",
            "accounts.view_partnership",
            "accounts.add_partnership",
            "accounts.change_partnership",
            "accounts.view_amendment",
            "accounts.add_amendment",
            "accounts.change_amendment",
            "accounts.view_ending",
            "accounts.add_ending",
            "accounts.change_ending",
            "accounts.view_breach",
            "accounts.change_breach",
            "accounts.view_letter",
            "accounts.change_letter",
            "accounts.view_nomination",
            "accounts.add_nomination",
            "accounts.change_nomination",
            "accounts.view_teamreview",
            "accounts.view_user",
            "accounts.add_user",
            "accounts.change_user",
            "lib.view_auditentry",
            "lib.view_jobrun",
            "lib.view_finding",
            "lib.view_outboxentry",
            "offers.change_eventquarantine",
            "offers.view_eventquarantine",
            "offers.view_feeddelivery",
            "offers.view_feedevent",
            "offers.view_importrun",
            "offers.view_offer",
            "offers.view_pullfinding",
            "offers.view_pullrun",
            "offers.view_quarantine",
            "referrals.view_outcomecode",
            "referrals.add_outcomecode",
            "referrals.change_outcomecode",
            "referrals.view_referral",
            "referrals.change_referral",
            "referrals.view_cvrequest",
            "referrals.change_cvrequest",
            "referrals.view_screenedreferral",
            "referrals.change_screenedreferral",
            "referrals.view_slot",
            "referrals.add_slot",
            "referrals.change_slot",
            "referrals.view_summons",
            "referrals.change_summons",
        }
    ),
    "agent": frozenset(
        {
            "accounts.view_agency",
            "accounts.view_structure",
            "accounts.view_convention",
            "accounts.view_partnership",
            "accounts.view_amendment",
            "accounts.add_amendment",
            "accounts.view_ending",
            "accounts.add_ending",
            "accounts.view_breach",
            "accounts.view_letter",
            "accounts.view_nomination",
            "accounts.add_nomination",
            "accounts.change_nomination",
            "offers.view_offer",
            "referrals.view_outcomecode",
            "referrals.view_referral",
            "referrals.change_referral",
            "referrals.view_cvrequest",
            "referrals.change_cvrequest",
            "referrals.view_screenedreferral",
            "referrals.change_screenedreferral",
            "referrals.view_slot",
            "referrals.add_slot",
            "referrals.change_slot",
            "referrals.view_summons",
            "referrals.change_summons",
        }
    ),
}


def staff_may(role: str, permission: str) -> bool:
    """Whether that role holds that permission (``app.verb_model``)."""
    return permission in STAFF_PERMISSIONS.get(role, frozenset())
