"""Metrics in Prometheus' format: plain numbers that the server counts anyway, read when asked.

Counting on the message path is an addition to an int; families and labels are made at the scrape.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector
from typing_extensions import override

_BOUNDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Durations:
    """A histogram of seconds."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by upper bound, as Prometheus wants them."""
        cumulated, found = 0, []
        names = (*(str(bound) for bound in _BOUNDS), "+Inf")
        for name, count in zip(names, self.counts, strict=True):
            cumulated += count
            found.append((name, float(cumulated)))
        return found


@dataclass(slots=True)
class Tally:
    """What the edges and the write path count as they go."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(command or signal, `ok` or refusal code) -> how often."""
    told: int = 0
    """Frames sent to readers: the fan-out."""
    batches: int = 0
    events: int = 0
    """Events appended; divided by `batches` this is the batch size."""
    appends: Durations = field(default_factory=Durations)
    """From an append's command to the store's answer."""
    slow_told_at: float = float("-inf")
    """When the log last named a slow append (monotonic): one a second tells of a slow store."""


Reading = Callable[[], Mapping[str, float]]


class Telemetry(Collector):
    """All that `/metrics` tells."""

    def __init__(
        self, tally: Tally, gauges: Reading, rejections: Reading, datagrams: Reading
    ) -> None:
        self._tally = tally
        self._gauges = gauges
        self._rejections = rejections
        self._datagrams = datagrams
        self._started = time.time()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def exposition(self) -> bytes:
        """The page that Prometheus scrapes (text format 0.0.4)."""
        return generate_latest(self._registry)

    @override
    def collect(self) -> Iterable[Metric]:
        tally = self._tally
        yield GaugeMetricFamily(
            "parley_start_time_seconds", "When this process began to serve.", value=self._started
        )
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"parley_{name}", _GAUGES[name], value=value)
        commands = CounterMetricFamily(
            "parley_commands", "Commands and signals by outcome.", labels=["name", "outcome"]
        )
        for (name, outcome), count in tally.outcomes.items():
            commands.add_metric([name, outcome], count)
        yield commands
        yield _labelled(
            "parley_rejections", "What the transport refused by itself.", self._rejections()
        )
        yield _labelled(
            "parley_media_datagrams_dropped", "Datagrams dropped, by reason.", self._datagrams()
        )
        yield CounterMetricFamily("parley_told", "Frames sent to readers.", value=tally.told)
        yield CounterMetricFamily("parley_events", "Events appended.", value=tally.events)
        yield CounterMetricFamily("parley_appends", "Appends made.", value=tally.batches)
        latency = HistogramMetricFamily(
            "parley_append_seconds", "From an append to the store's answer."
        )
        latency.add_metric([], tally.appends.buckets(), sum_value=tally.appends.total)
        yield latency


_GAUGES: Final = {
    "connections": "Open sockets, with and without a seat.",
    "rooms": "Interviews in this node's memory.",
    "commands_queued": "Commands that wait to be decided.",
    "store_up": "Whether the store can be reached.",
    "store_outstanding": "Commands that the store has not answered yet.",
    "media_peers": "People whose media this node carries.",
}


def _labelled(name: str, what: str, counts: Mapping[str, float]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, what, labels=["reason"])
    for reason, count in counts.items():
        family.add_metric([reason], count)
    return family
