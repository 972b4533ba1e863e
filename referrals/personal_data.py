"""What the tables of acts hold about persons: candidates, and who accompanies them."""

from opus.lib.personal_data import Retention, Table, hold

hold(
    Table(
        "referrals.Candidate",
        Retention.ACTS,
        candidates=("pk",),
        others=("adviser",),
    ),
    Table(
        "referrals.Referral",
        Retention.ACTS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table(
        "referrals.ReferralStep",
        Retention.ACTS,
        candidates=("referral__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.ScreenedReferral",
        Retention.ACTS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table(
        "referrals.ScreenedReferralStep",
        Retention.ACTS,
        candidates=("screened_referral__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.CvRequest",
        Retention.ACTS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table(
        "referrals.CvRequestStep",
        Retention.ACTS,
        candidates=("cv_request__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.CvFile",
        Retention.CV,
        candidates=("cv_request__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.Summons",
        Retention.ACTS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table(
        "referrals.SummonsStep",
        Retention.ACTS,
        candidates=("summons__candidate",),
        others=("by",),
    ),
    Table(
        "referrals.Outcome",
        Retention.ACTS,
        candidates=("referral__candidate", "screened_referral__candidate"),
        others=("by",),
    ),
    Table("referrals.Document", Retention.ACTS, candidates=("candidate",)),
    Table("referrals.EasySheet", Retention.ACTS, candidates=("document__candidate",)),
    Table("referrals.VoidSheet", Retention.ACTS, candidates=("document__candidate",)),
    Table(
        "referrals.Favourite",
        Retention.HABITS,
        candidates=("candidate",),
        others=("adviser",),
    ),
    Table("referrals.Watch", Retention.HABITS, candidates=("candidate",)),
    # Of the adviser whose caseload it is, and of whom it was confided to.
    Table(
        "referrals.StandIn",
        Retention.ACCOUNT,
        accounts=("owner",),
        others=("colleague", "created_by", "ended_by"),
    ),
    Table(
        "referrals.MailConsent",
        Retention.ACTS,
        candidates=("candidate",),
        others=("recorded_by", "withdrawn_by"),
    ),
    Table(
        "referrals.DocumentMail",
        Retention.ACTS,
        candidates=("consent__candidate",),
        others=("asked_by",),
        left_out={"digest": "empreinte du lien\u00a0: elle ne dit rien"},
    ),
    Table("referrals.PrintJob", Retention.FILES, accounts=("account",)),
    Table(
        "referrals.CandidateHold",
        Retention.ACTS,
        candidates=("candidate",),
        others=("placed_by", "lifted_by"),
    ),
    # A slot is nobody's data: an account only opened it.
    Table("referrals.Slot", Retention.ACTS, others=("opened_by",)),
)
