"""What no longer serves: seen versions beyond any overlap, effects nobody asks for, pairs that can no longer be
restored, old counts and tasks."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from sync.models import Effect, EffectState, Matter, MatterStatus, SeenVersion
from sync.services.counting import forget_old_counts
from sync.services.information import forget_deleted_pairs
from sync.services.tasks import forget_old_tasks

SEEN_KEPT = timedelta(days=2)
"""Far longer than any window overlaps."""
EFFECTS_KEPT = timedelta(days=30)
MATTERS_KEPT = timedelta(days=180)
AT_ONCE = 20_000


def forget_old_rows() -> int:
    """Delete what is old, some thousands at a time; tells how many. Called by the scheduler."""
    now = timezone.now()
    old = SeenVersion.objects.filter(at__lt=now - SEEN_KEPT).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    seen, _ = SeenVersion.objects.filter(pk__in=list(old)).delete()
    effects, _ = Effect.objects.filter(state=EffectState.DONE, at__lt=now - EFFECTS_KEPT).delete()
    settled = (MatterStatus.RESOLVED, MatterStatus.IGNORED)
    matters, _ = Matter.objects.filter(status__in=settled, updated_at__lt=now - MATTERS_KEPT).delete()
    return seen + effects + matters + forget_deleted_pairs() + forget_old_counts() + forget_old_tasks()
