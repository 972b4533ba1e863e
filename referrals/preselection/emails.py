from django.core.mail import EmailMessage

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
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
    if answered is None or not reader.is_active:
        return None
    # A question waits for him: he always gets it.
    if state != ScreenedState.ASKED_FOR_MORE and not reader.decision_emails:
        return None
    return compose_email(
        to=reader.email,
        subject=SUBJECTS[ScreenedState(state)],
        template="emails/application_answered.txt",
        context={"person": reader, "act": answered},
        button=Button("Voir la candidature", outbox.link(answered.get_absolute_url())),
    )
