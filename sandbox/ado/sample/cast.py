"""The people of the sample, among them some who left."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.ado.model import Person
from sandbox.ado.organization import Organization

_STAYED = (
    ("Ingrid Solberg", "ingrid.solberg@saltwind.example"),
    ("Tomasz Wójcik", "tomasz.wojcik@saltwind.example"),
    ("Amara Nwosu", "amara.nwosu@saltwind.example"),
    ("Li Wei", "li.wei@saltwind.example"),
    ("Sofía Peña", "sofia.pena@saltwind.example"),
    ("Conor O'Neill", "conor.oneill@saltwind.example"),
    ("Fatima al-Rashid", "SALTWIND\\fatima"),
    ("Build Service (saltwind)", "3f5c0f9e-build@saltwind.example"),
    ("Per Ås", "per.aas@saltwind.example"),
    ("Maja Kovač", "maja.kovac@saltwind.example"),
)
_LEFT = (
    ("Gustav Berg", "gustav.berg@saltwind.example"),
    ("Olivia Hart", "olivia.hart@saltwind.example"),
    ("Rolf Dahl (contractor)", "rolf.dahl@partner.example"),
)


@dataclass(frozen=True)
class Cast:
    """Who writes, who is assigned, who is gone."""

    owner: Person
    stayed: list[Person]
    left: list[Person]


def make_cast(org: Organization) -> Cast:
    """Add everybody to the directory."""
    stayed = [org.people.add(name, address) for name, address in _STAYED]
    left = [org.people.add(name, address, active=False) for name, address in _LEFT]
    return Cast(org.owner, stayed, left)
