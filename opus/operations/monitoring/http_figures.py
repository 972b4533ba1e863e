"""Figures of requests, added up over the processes of a web server (R15).

With ``PROMETHEUS_MULTIPROC_DIR`` each process writes its own file there.
"""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

OF_THIS_PROCESS = CollectorRegistry()
REQUESTS = Counter(
    "opus_http_requests",
    "Requests answered.",
    ["view", "method", "status"],
    registry=OF_THIS_PROCESS,
)
SECONDS = Histogram(
    "opus_http_request_seconds",
    "Time to make the response.",
    ["view", "method"],
    buckets=BUCKETS,
    registry=OF_THIS_PROCESS,
)


def count(view: str, method: str, status: int, seconds: float) -> None:
    REQUESTS.labels(view, method, status).inc()
    SECONDS.labels(view, method).observe(seconds)


class Requests(Collector):
    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            return MultiProcessCollector(None).collect()
        return OF_THIS_PROCESS.collect()
