from django.core.mail import EmailMessage

from accounts.users.models import User
from opus.lib.outbound import outbox
from referrals.acts.emails import email_adviser
from referrals.acts.states import ScreenedState
from referrals.preselection.models import ScreenedReferral

# What the e-mail is about, by the new state.
SUBJECTS = {
    ScreenedState.SHORTLISTED: "une candidature est présélectionnée",
    ScreenedState.SET_ASIDE: "une candidature n’est pas retenue",
    ScreenedState.ASKED_FOR_MORE: "une question sur une candidature",
    ScreenedState.PRESENTED: "une candidature est présentée à l’employeur",
}


@outbox.mail("application-answered")
def application_answered(*, adviser: int, act: str, state: str) -> EmailMessage | None:
    """Compose the agency's decision or question (5.3, V17)."""
    reader = User.objects.get(pk=adviser)
    mine = ScreenedReferral.objects.visible_to(reader)
    # The state has changed, or a colleague follows the person: send nothing.
    answered = mine.filter(pk=act, state=state).first()
    if answered is None:
        return None
    # A question waits for him: he always gets it.
    is_wanted = state == ScreenedState.ASKED_FOR_MORE or reader.decision_emails
    return email_adviser(
        reader,
        is_wanted,
        SUBJECTS[ScreenedState(state)],
        template="referrals/preselection/emails/application_answered.txt",
        act=answered,
        button=outbox.button("Voir la candidature", answered),
    )
