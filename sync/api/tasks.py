"""`/async-tasks/{id}`: how far a task is. https://help.k15t.com/backbone-issue-sync/5.14/server/asynchronous-tasks"""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sync import queries
from sync.api.surface import SyncSurface, caller
from sync.api.task_bodies import SyncTask, show_task
from sync.models import AsyncTask
from sync.services import tasks
from tenancy.permissions import Action


class SyncTasks(SyncSurface):
    """Tasks of the person who started them."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "retrieve": Action.SEE,
        "destroy": Action.RESYNC,
        "cancel": Action.RESYNC,
    }

    @extend_schema(operation_id="get_sync_task", responses=SyncTask, tags=["synchronization"])
    def retrieve(self, request: Request, task_id: str) -> Response:
        """How far it is; poll until `finished`."""
        return Response(show_task(self._task(request, task_id)))

    @extend_schema(operation_id="cancel_sync_task", request=None, responses=SyncTask, tags=["synchronization"])
    def cancel(self, request: Request, task_id: str) -> Response:
        """Ends a task; what it did so far stays."""
        principal, _ = caller(request)
        return Response(show_task(tasks.cancel_task(self._task(request, task_id), by=principal)))

    @extend_schema(operation_id="delete_sync_task", responses=SyncTask, tags=["synchronization"])
    def destroy(self, request: Request, task_id: str) -> Response:
        """The same."""
        return self.cancel(request, task_id)

    def _task(self, request: Request, task_id: str) -> AsyncTask:
        principal, organization = caller(request)
        return queries.find_task(organization, task_id, user=principal.user)
