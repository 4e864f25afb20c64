"""What Prometheus reads. Values are taken when asked; nothing is counted in process memory.

A web process restarts and there are several, so only what the database and Redis know is a number worth watching.
"""

from __future__ import annotations

from collections.abc import Iterator

import django_rq
from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from rq import Worker

from tenancy.models import Membership, Organization
from tenancy.queueing import shared_redis


class QueueCollector(Collector):
    """Waiting, running and failed jobs by queue, and the workers that are alive."""

    def collect(self) -> Iterator[Metric]:
        """One family per question; `isthmus_redis_up` 0 and nothing else when Redis is gone."""
        up = GaugeMetricFamily("isthmus_redis_up", "Whether Redis answers")
        jobs = GaugeMetricFamily("isthmus_queue_jobs", "Jobs by queue and state", labels=["queue", "state"])
        workers = GaugeMetricFamily("isthmus_workers", "Workers that reported lately")
        redis = shared_redis()
        try:
            for name in sorted(settings.RQ_QUEUES):
                queue = django_rq.get_queue(name, connection=redis)
                jobs.add_metric([name, "waiting"], queue.count)
                jobs.add_metric([name, "running"], queue.started_job_registry.get_job_count(cleanup=False))
                jobs.add_metric([name, "failed"], queue.failed_job_registry.get_job_count(cleanup=False))
            workers.add_metric([], Worker.count(connection=redis))
            up.add_metric([], 1)
        except (RedisError, OSError):
            up.add_metric([], 0)
            yield up
            return
        yield from (up, jobs, workers)


class OrganizationCollector(Collector):
    """How many organizations there are and, for those who may know, how many people each has."""

    def __init__(self, *, per_organization: bool) -> None:
        self._per_organization = per_organization

    def collect(self) -> Iterator[Metric]:
        """Organizations appear by id only, never by name."""
        total = GaugeMetricFamily("isthmus_organizations", "Organizations")
        total.add_metric([], Organization.objects.count())
        yield total
        if self._per_organization:
            members = GaugeMetricFamily("isthmus_members", "Members by organization", labels=["organization"])
            counted = Membership.objects.values_list("organization_id").annotate(number=Count("pk")).order_by()
            for organization, number in counted:
                members.add_metric([str(organization)], number)
            yield members


def exposition(*, per_organization: bool) -> bytes:
    """The whole page."""
    registry = CollectorRegistry()
    registry.register(QueueCollector())
    registry.register(OrganizationCollector(per_organization=per_organization))
    return generate_latest(registry)
