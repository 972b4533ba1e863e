"""My convocations, and the page of one: document, appointment, what became of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import ics, sightings
from referrals.actions.summonses import SlotTaken
from referrals.forms.follow_up import CancelForm, GestureForm, HandOverForm
from referrals.forms.summonses import AttendForm, ChangeForm, MissForm
from referrals.models import Summons, SummonsState
from referrals.rights import ActKind
from referrals.summons_filter import SummonsFilter
from referrals.views.acts import Wanted, context_of, follow, get_act


@require_safe
@partner_only
def summonses(request: MemberRequest) -> HttpResponse:
    """My convocations by the day of their appointment, the nearest first."""
    mine = Summons.objects.visible_to(request.user)
    chosen = SummonsFilter(mine, request.GET.get("etat", ""))
    page = paginate(
        request, chosen.acts.select_related("offer", "candidate").nearest_first()
    )
    sightings.show(
        request.user,
        Action.PERSONS_LISTED,
        [summons.candidate for summons in page.object_list],
        unasked=page.number == 1 and not chosen.value,
    )
    context = {"page": page, "filter": chosen, "section": "mises-en-contact"}
    return render(request, "referrals/summonses.html", context)


@require_safe
@partner_only
def summons(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One convocation: its document, its appointment, what to do next, its life."""
    return show(request, get_summons(request, pk))


@require_safe
@partner_only
def summons_ics(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The appointment for an agenda; it names nobody."""
    name, content = ics.file_of(get_summons(request, pk))
    return HttpResponse(
        content,
        content_type=ics.CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@partner_only
def summons_hand_over(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The document was handed over (art. 7)."""
    return follow_summons(request, pk, HandOverForm, SummonsState.HANDED_OVER)


@require_POST
@partner_only
def summons_change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Another time or place; where it was just taken, nothing typed is lost."""
    summons = get_summons(request, pk)
    form = ChangeForm(request.POST, act=summons)
    if form.is_done_already:
        return redirect(summons)
    if form.is_valid():
        try:
            form.save(by=request.user)
        except SlotTaken as error:
            form.ask(summons.offer, instead_of=summons.slot)
            form.add_error(None, str(error))
        else:
            messages.success(request, form.done)
            return redirect(summons)
    return show(request, get_summons(request, pk), form)


@require_POST
@partner_only
def summons_attend(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The person came."""
    return follow_summons(request, pk, AttendForm, SummonsState.ATTENDED)


@require_POST
@partner_only
def summons_miss(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The person did not come."""
    return follow_summons(request, pk, MissForm, SummonsState.ABSENT)


@require_POST
@partner_only
def summons_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The appointment is called off."""
    return follow_summons(request, pk, CancelForm, SummonsState.CANCELLED)


def follow_summons(
    request: MemberRequest, pk: UUID, form_class: type[GestureForm], target: str
) -> HttpResponse:
    summons = get_summons(request, pk)
    return follow(request, summons, form_class, show=show, target=target)


def get_summons(request: MemberRequest, pk: UUID) -> Summons:
    summons: Summons = get_act(
        request, ActKind.SUMMONS, pk, "slot", "follows", "screened_referral"
    )
    return summons


def show(
    request: MemberRequest, summons: Summons, bound: GestureForm | None = None
) -> HttpResponse:
    """The act's page, with the forms that its state calls for."""
    wanted: Wanted = {
        # Once its hour has passed too, until a job or somebody moves it on.
        "hand_over_form": (HandOverForm, summons.can_move_to(Summons.HANDED_OVER)),
        "change_form": (ChangeForm, summons.can_be_changed),
        "attend_form": (AttendForm, summons.can_be_told),
        "miss_form": (MissForm, summons.can_be_told),
    }
    context = context_of(request, summons, bound, wanted) | {
        "summons": summons,
        "followed_by": Summons.objects.filter(follows=summons).first(),
    }
    return render(request, "referrals/summons.html", context)
