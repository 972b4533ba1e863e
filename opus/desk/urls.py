"""The addresses of the desk: help, contact, news, status."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
