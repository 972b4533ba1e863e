"""The admin pages of acts that an agency decides, one after the other."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timesince import timesince

from opus.lib.model_admin.admin_actions import AdminAction, AdminActionForm
from referrals.acts.models.acts import Act, ActStep
from referrals.follow_up.admin import ActAdmin, frozen_words
from referrals.follow_up.work_queue import WorkQueue


def why_frozen(act: Act, user: Any) -> str:
    limit = act.candidate.freeze
    if limit is None:
        return ""
    return f"{frozen_words(limit).capitalize()}\xa0: rien ne se décide d’ici là."


# What an agency decides, on the act's own page; the next act follows.
decision = partial(AdminAction, is_inline=True, why_not=why_frozen)


class QueueAdmin(ActAdmin):
    change_form_template = "admin/act.html"
    # The states that wait for the agency: their lists begin with the oldest.
    awaited: ClassVar[tuple[str, ...]] = ()

    def first_in_state(self) -> Subquery:
        """Return when it first came into its state: a question keeps its place."""
        into = ActStep.objects.filter(act=OuterRef("pk"), target=OuterRef("state"))
        return Subquery(into.order_by("at", "pk").values("at")[:1])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset.annotate(since=self.first_in_state())

    def queue_order(self, request: HttpRequest) -> Any:
        """Return the order of the queue that is listed; None for other lists."""
        if request.GET.get("state__exact") in self.awaited:
            return (self.first_in_state().asc(), "pk")
        return None

    def get_ordering(self, request: HttpRequest) -> Any:
        return self.queue_order(request) or super().get_ordering(request)

    @admin.display(description="attend depuis", ordering="since")
    def waiting(self, act: Any) -> str:
        return timesince(act.since, depth=1) if act.since and act.is_live else ""

    @admin.display(description="offre", ordering="offer__title")
    def offer_in_a_line(self, act: Act) -> str:
        offer = act.offer
        facts = (offer.title, offer.place_label, offer.contract_label)
        return ", ".join(filter(None, facts))

    @admin.display(description="offre")
    def offer_line(self, act: Act) -> str:
        """Return the offer in one line, with its link."""
        offer = act.offer
        url = reverse("admin:offers_offer_change", args=[offer.pk])
        facts = (offer.place_label, offer.contract_label, offer.get_state_display())
        line = ", ".join(filter(None, facts))
        return format_html('<a href="{}">{}</a>, {}', url, offer, line)

    @admin.display(description="conseiller")
    def adviser_line(self, act: Act) -> str:
        """Return who follows the person today, with his work telephone."""
        adviser = act.candidate.follower
        return ", ".join(filter(None, (str(adviser), adviser.phone)))

    # --- One act, then the next ---------------------------------------------------

    def context_about(self, request: HttpRequest, instance: Any) -> dict[str, Any]:
        """Return the links of an action's page, within its queue."""
        context = super().context_about(request, instance)
        if queue := WorkQueue(self, request):
            context["record_url"] = queue.url_of(instance.pk)
            context["list_url"] = queue.list_url(instance)
        return context

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        act = kwargs["obj"]
        response = super().render_change_form(request, context, *args, **kwargs)
        queue = WorkQueue(self, request)
        following = queue.after(act)
        rank = queue.rank_of(act)
        context |= {
            "queue": queue,
            "rank": None if rank is None else rank + 1,
            "list_url": queue.list_url(act),
            "next_url": queue.url_of(following) if following else "",
            "why_frozen": why_frozen(act, request.user),
            "decisions": [
                (one, one.form(instance=act, auto_id=f"{one.slug}_%s"))
                for one in context["admin_actions"]
                if one.is_inline
            ],
            "others": [one for one in context["admin_actions"] if not one.is_inline],
        }
        return response

    def do(
        self,
        request: HttpRequest,
        instance: Any,
        button: AdminAction,
        form: AdminActionForm,
    ) -> HttpResponse | None:
        """Run the action; lead to the next act, if this one left the queue."""
        queue = WorkQueue(self, request)
        following = queue.after(instance)
        done = super().do(request, instance, button, form)
        if done is None or not queue:
            return done
        left = WorkQueue(self, request)
        if left.rank_of(instance) is not None:
            return redirect(left.url_of(instance.pk))
        if following in left.acts:
            return redirect(left.url_of(following))
        if left.acts:
            return redirect(left.url_of(left.acts[0]))
        self.message_user(request, "Cette file est vide\xa0: tout est décidé.")
        return redirect(left.list_url())
