"""Admin permissions of France Travail's staff, by role (S27).

No role deletes. Conventions, annexes, RGC and accounts belong to the directorates. An
agent of an agency reads them, proposes an RGC, an amendment or an early end, and
records opinions and France Travail's replies on the acts of its offers.
``accounts.users.territory`` defines the rows that each user sees.
"""

# What an administrator may do, then an agent.
STAFF_PERMISSIONS = {
    "accounts.agency": ("view add change", "view"),
    "accounts.alert": ("view change", ""),
    "accounts.structure": ("view add change", "view"),
    "accounts.convention": ("view add change", "view"),
    "accounts.modeltext": ("view add change", "view"),
    "accounts.partnership": ("view add change", "view"),
    "accounts.amendment": ("view add change", "view add"),
    "accounts.ending": ("view add change", "view add"),
    "accounts.breach": ("view change", "view"),
    "accounts.letter": ("view change", "view"),
    "accounts.nomination": ("view add change", "view add change"),
    "accounts.reviewmeeting": ("view add change", "view add change"),
    "accounts.teamreview": ("view", ""),
    "accounts.user": ("view add change", ""),
    "support.ticket": ("view change", "view"),
    "support.question": ("view add change", ""),
    "support.guide": ("view change", ""),
    "support.certifiedbrowser": ("view add change", ""),
    "support.announcement": ("view add change", "view"),
    "support.incident": ("view add change", "view"),
    "support.plannedwork": ("view add change", "view"),
    "support.survey": ("view add change", ""),
    "support.rightsrequest": ("view add change", "view add change"),
    "lib.auditentry": ("view", ""),
    "accounts.accounthold": ("view add change", ""),
    "lib.jobrun": ("view", ""),
    "lib.purgerun": ("view", ""),
    "lib.finding": ("view", ""),
    "lib.outboxentry": ("view change", ""),
    "lib.textfinding": ("view", ""),
    "offers.eventquarantine": ("view change", ""),
    "offers.feeddelivery": ("view", ""),
    "offers.feedevent": ("view", ""),
    "offers.importrun": ("view", ""),
    "offers.offer": ("view", "view"),
    "offers.pullfinding": ("view", ""),
    "offers.everydayword": ("view add change", "view"),
    "offers.missedword": ("view", ""),
    "offers.pullrun": ("view", ""),
    "offers.quarantine": ("view change", ""),
    "referrals.outcomecode": ("view add change", "view"),
    "referrals.referral": ("view change", "view change"),
    "referrals.cvrequest": ("view change", "view change"),
    "referrals.screenedreferral": ("view change", "view change"),
    "referrals.candidatehold": ("view add change", ""),
    "referrals.caseloadtransfer": ("view change", ""),
    "referrals.slot": ("view add change", "view add change"),
    "referrals.appointment": ("view change", "view change"),
}


def staff_may(role: str, permission: str) -> bool:
    app, _, code = permission.partition(".")
    verb, _, model = code.partition("_")
    admin, agent = STAFF_PERMISSIONS.get(f"{app}.{model}", ("", ""))
    return verb in {"admin": admin, "agent": agent}.get(role, "").split()
