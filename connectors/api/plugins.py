"""The self-describing forms: `/api/v2/plugins/alm/` and `/{system}/`. They validate, drive forms, and document."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from connectors.api.spelling import ALM, ISSUE_TRACKER, Spelling
from connectors.domain.errors import DomainError
from connectors.domain.forms.catalogue import form_of
from connectors.domain.forms.fields import FieldType, SectionShown
from connectors.domain.systems import SYSTEMS, System, find_system
from tenancy.permissions import Action, May


class PluginOption(serializers.Serializer[None]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    disabled = serializers.BooleanField()


class PluginField(serializers.Serializer[None]):
    """One parameter. `unused` parameters are checked and kept, and nothing follows from them."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the documented name
    description = serializers.CharField(allow_blank=True)
    field_type = serializers.ChoiceField(choices=[each.value for each in FieldType])
    default = serializers.CharField(allow_blank=True)
    readonly = serializers.BooleanField()
    max_length = serializers.IntegerField(allow_null=True)
    required = serializers.BooleanField()  # type: ignore[assignment]
    deprecated = serializers.BooleanField()
    placeholder = serializers.CharField(allow_blank=True)
    scope = serializers.ListField(child=serializers.CharField())
    help_text = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    options = PluginOption(many=True)
    unused = serializers.BooleanField()


class PluginSection(serializers.Serializer[None]):
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    optional = serializers.BooleanField()
    fields = PluginField(many=True)  # type: ignore[assignment]


class Plugin(serializers.Serializer[None]):
    """A system with its form. `runnable` systems can be tested, scanned, run and synchronized."""

    id = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    command = serializers.CharField()
    runnable = serializers.BooleanField()
    sections = PluginSection(many=True)


@extend_schema_serializer(many=False)  # the list of an action named `list`, and no list of these
class PluginList(serializers.Serializer[None]):
    results = Plugin(many=True)


class AlmPlugins(ViewSet):
    """Every system's form."""

    spelling: ClassVar[Spelling] = ALM
    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {"list": Action.SEE, "retrieve": Action.SEE}

    @extend_schema(operation_id="list_alm_plugins", responses=PluginList)
    def list(self, request: Request) -> Response:
        """All systems with their forms."""
        return Response({"results": [show_plugin(system, self.spelling) for system in SYSTEMS]})

    @extend_schema(operation_id="get_alm_plugin", responses=Plugin)
    def retrieve(self, request: Request, system: str) -> Response:
        """One system with its form."""
        try:
            found = find_system(system)
        except DomainError:
            raise Http404 from None
        return Response(show_plugin(found, self.spelling))


class IssueTrackerPlugins(AlmPlugins):
    """The same forms under the newer names."""

    spelling = ISSUE_TRACKER

    @extend_schema(operation_id="list_issue_tracker_plugins", responses=PluginList)
    def list(self, request: Request) -> Response:
        """All systems with their forms."""
        return super().list(request)

    @extend_schema(operation_id="get_issue_tracker_plugin", responses=Plugin)
    def retrieve(self, request: Request, system: str) -> Response:
        """One system with its form."""
        return super().retrieve(request, system)


def show_plugin(system: System, spelling: Spelling) -> dict[str, Any]:
    """A system with its form, parameters named in one spelling."""
    form = form_of(system.id)
    return {
        "id": system.id.value,
        "name": system.name,
        "short_name": system.short_name,
        "command": form.command,
        "runnable": system.available,
        "sections": [_spelt(section.shown(), spelling) for section in form.sections],
    }


def _spelt(section: SectionShown, spelling: Spelling) -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for field in section["fields"]:
        shown: dict[str, Any] = {**field, "name": spelling.name(field["name"])}
        if field["name"] == "conflict_policy":
            shown["default"] = spelling.outward({"conflict_policy": field["default"]})["conflict_policy"]
            shown["options"] = [
                {**option, "value": spelling.outward({"conflict_policy": option["value"]})["conflict_policy"]}
                for option in field["options"]
            ]
        fields.append(shown)
    return {"label": section["label"], "optional": section["optional"], "fields": fields}
