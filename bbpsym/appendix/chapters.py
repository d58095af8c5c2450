"""Steps of a network that the chapters tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bbpsym.appendix.names import name_of
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.records.registry import record_of

#: Where g is, in words.
INSIDE = "1/f_- < g < 0, to the left of the bulk"

#: The same where no weight is negative.
ALL = "g < 0, to the left of the bulk"

#: Where other equations hold.
SPECTRUM, ENDS = "z outside the spectrum", "g = 1/f_-, the end of the domain"
OUTSIDE = dict.fromkeys(("28", "29", "30", "commutant", "34", "35", "36", "37"), SPECTRUM)
OUTSIDE |= dict.fromkeys(("46", "49"), ENDS) | dict.fromkeys(("55", "56"), "z near the outlier")


class Chapters:
    """Steps told by the chapters for one network, at its own points.

    Parameters
    ----------
    setting : Setting
        The network.
    scene : Scene or None
        Where its averages have numbers; None where there are none.
    inside : str
        Where g is, in words.
    """

    def __init__(self, setting: Setting, scene: Scene | None, inside: str = INSIDE) -> None:
        self.setting, self.scene, self.inside = setting, scene, inside
        self.known: set[str] = set()

    def step(self, record_id: str, stage: str, place: Any = None, domain: str = "") -> Step:
        """The step of one record."""
        found = record_of(record_id)
        domain = domain or OUTSIDE.get(record_id, self.inside)
        at = place.of(self.scene.draw) if place is not None and self.scene is not None else None
        record = found.of(self.setting, at, domain)
        if at is not None and self.scene is not None:
            record = replace(record, reach=self.scene.reach)
        name = name_of(record_id, found.title)
        sources = tuple(
            name_of(x, record_of(x).title) for x in found.follows_from if x in self.known
        )
        self.known.add(record_id)
        return Step(name, stage, record, sources)

    def steps(self, stage: str, **chosen: Any) -> Iterator[Step]:
        """Several steps of a stage, by `id=place`; ids that are numbers begin with an e."""
        for key, place in chosen.items():
            record_id = key.removeprefix("e") if key[1:].isdigit() else key.replace("_", "-")
            yield self.step(record_id, stage, place)
