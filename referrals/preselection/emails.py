from django.core.mail import EmailMessage

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.states import ScreenedState
from referrals.preselection.models import ScreenedReferral


@outbox.mail("application-answered")
def application_answered(*, adviser: int, act: str, state: str) -> EmailMessage | None:
    """Compose the answer: set aside or incomplete (5.3, V17)."""
    reader = User.objects.get(pk=adviser)
    mine = ScreenedReferral.objects.visible_to(reader)
    # The state has changed, or a colleague follows the person: send nothing.
    answered = mine.filter(pk=act, state=state).first()
    if answered is None or not reader.is_active:
        return None
    is_set_aside = state == ScreenedState.SET_ASIDE
    return compose_email(
        to=reader.email,
        subject="une candidature n’est pas retenue"
        if is_set_aside
        else "une question sur une candidature",
        template="emails/application_answered.txt",
        context={"person": reader, "act": answered, "is_set_aside": is_set_aside},
        button=Button("Voir la candidature", outbox.link(answered.get_absolute_url())),
    )
