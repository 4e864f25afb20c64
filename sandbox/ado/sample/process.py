"""The sample's process: Agile with a type and fields of its own."""

from __future__ import annotations

from dataclasses import replace

from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import ItemType, Process
from sandbox.ado.organization import Organization
from sandbox.ado.people import stable_guid
from sandbox.ado.processes import BASE_FIELDS, OTHER, PROCESSES, states

PROJECT = "Saltwind Booking"

CUSTOM_FIELDS = (
    FieldDef("Custom.VesselClass", "Vessel Class", "string", allowed=("Coastal", "Island", "High speed")),
    FieldDef("Custom.CustomerNote", "Customer Note", "html"),
    FieldDef("Custom.RegulatoryRef", "Regulatory Ref", "string", help="Paragraph of the safety code"),
    FieldDef("Custom.Crossings", "Crossings", "integer"),
    FieldDef("Custom.SafetyRelevant", "Safety Relevant", "boolean"),
    FieldDef("Custom.ReviewedOn", "Reviewed On", "dateTime"),
    FieldDef("Custom.SafetyOfficer", "Safety Officer", "string", identity=True),
)


def sample_process(org: Organization) -> Process:
    """Define the custom fields in the organisation and return the inherited process."""
    for definition in CUSTOM_FIELDS:
        org.fields.add(definition)
    names = tuple(definition.reference for definition in CUSTOM_FIELDS)
    agile = PROCESSES["Agile"]
    types = dict(agile.types)
    for kind in ("User Story", "Bug", "Feature"):
        types[kind] = replace(types[kind], fields=(*types[kind].fields, *names))
    types["Incident Report"] = ItemType(
        "Incident Report",
        "SaltwindAgile.IncidentReport",
        OTHER,
        states(
            ("Reported", "Proposed", "New report"),
            ("Under Inquiry", "InProgress", "Inquiry opened"),
            ("Measures Agreed", "Resolved", "Measures agreed"),
            ("Filed", "Completed", "Filed with the authority"),
        ),
        (*BASE_FIELDS, *names),
        "7F3F00",
        "icon_megaphone",
        "Something happened on a vessel or in a harbour.",
        transitions={
            "Reported": ("Under Inquiry",),
            "Under Inquiry": ("Measures Agreed", "Reported"),
            "Measures Agreed": ("Filed", "Under Inquiry"),
            "Filed": (),
        },
    )
    process = Process(
        stable_guid("process", "Saltwind Agile"), "Saltwind Agile", "Agile with incident reports.", types, "Agile"
    )
    org.processes[process.name] = process
    return process
