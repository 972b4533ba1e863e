"""Each request: its id, its line in the log, its figures (R15, S41)."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, path, resolve

from opus.lib import logs
from opus.lib.web import Middleware
from opus.operations import metrics
from opus.operations.views import metrics as metrics_page

logger = logging.getLogger("opus.access")

# 32 hexadecimal digits, as a UUID's or nginx's: no word fits in.
REQUEST_ID = re.compile(r"[0-9a-f]{32}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
METRICS_URLS: Any = (path("metriques/", metrics_page, name="metrics"),)


class RequestMiddleware(Middleware):
    """Gives a request its id, logs and counts its response.

    Of its address only the name of the route: a path may contain a secret link.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        number = request_id(request)
        logs.set_fields(request=number)
        response = self.get_response(request)
        response["X-Request-ID"] = number
        seconds = time.perf_counter() - began
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        status = response.status_code
        metrics.count_request(route, method, status, seconds)
        line = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "size": None if response.streaming else len(response.content),
        }
        logger.info("%s %s %s", method, route, status, extra={"fields": line})
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *args: Any
    ) -> None:
        logs.add_fields(route=route_of(request))


def forget_request(**kwargs: Any) -> None:
    """Clear the fields: the thread serves others."""
    logs.set_fields()


# Sent once the response is closed, which may send tasks of this request.
request_finished.connect(forget_request)


def request_id(request: HttpRequest) -> str:
    """Return the trusted proxy's id without dashes, or a new one."""
    if settings.TRUSTED_PROXIES:
        sent = request.headers.get("X-Request-ID", "").replace("-", "").lower()
        if REQUEST_ID.fullmatch(sent):
            return sent
    return uuid.uuid4().hex


def route_of(request: HttpRequest) -> str:
    """Return the name of the address, also if no view was called."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return route_at(request.path_info)


def route_at(path: str) -> str:
    if path.startswith(settings.STATIC_URL):
        return "static"
    try:
        return resolve(path).view_name
    except Resolver404:
        return "unknown"


class MetricsMiddleware(Middleware):
    """Serves figures at an address of their own, and nothing else there.

    A collector inside the network sends no host name of the site and no TLS: neither
    is checked. The port is that of the socket, not of a header.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        port = request.META.get("SERVER_PORT")
        if not port or port not in settings.METRICS_PORTS.values():
            return self.get_response(request)
        try:
            request.resolver_match = resolve(request.path_info, METRICS_URLS)
        except Resolver404:
            return HttpResponse(status=404)
        return request.resolver_match.func(request)
