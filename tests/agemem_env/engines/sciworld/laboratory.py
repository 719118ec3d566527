from __future__ import annotations

from agemem_env.engines.sciworld.house import LabThing

POT = LabThing("metal pot", "kitchen", ("cupboard",), ("cupboard",), False, True)
CUPBOARD = LabThing("cupboard", "kitchen", (), (), False, True)
STOVE = LabThing("stove", "kitchen", (), (), False, False)
LEAD = LabThing("lead", "workshop", ("table",), (), False, True)
STOCK = (CUPBOARD, POT, STOVE, LEAD)
