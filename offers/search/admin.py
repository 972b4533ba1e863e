"""Admin of everyday words and of words that found nothing."""

from django.contrib import admin

from offers.search.models import EverydayWord, MissedWord
from opus.lib.model_admin.staff_admin import NationalAdmin, NationalReadAdmin


@admin.register(EverydayWord)
class EverydayWordAdmin(NationalAdmin):
    list_display = ("words", "trades_list")
    search_fields = ("words",)
    fields = ("words", "trades")

    @admin.display(description="codes ROME")
    def trades_list(self, word: EverydayWord) -> str:
        return ", ".join(word.trades)


@admin.register(MissedWord)
class MissedWordAdmin(NationalReadAdmin):
    list_display = ("words", "on")
    fields = ("words", "on")
