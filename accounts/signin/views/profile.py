from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.nominations.models import Nomination
from accounts.signin.access import any_account
from accounts.signin.http import MemberRequest
from accounts.users import contacts


@any_account
@require_safe
def profile(request: MemberRequest) -> HttpResponse:
    user = request.user
    in_office = Nomination.objects.in_office().filter(convention=request.convention)
    context = {
        "rgc": in_office.select_related("person").first(),
        "factors": user.factors,
        "backup": user.backup_codes,
        "to_helper": contacts.to(contacts.helper_of(user)),
        "acceptance": user.charters.order_by("accepted_at").last(),
    }
    return render(request, "accounts/signin/profile.html", context)
