"""The recipe `gltf_scene`: a place, and names that must be there."""

from __future__ import annotations

from pathlib import Path

from generation.intake.glb import objects, read_glb
from generation.paint.colour import Colour
from generation.paint.noise import generator
from generation.providers.animatic.makers import save_jpeg
from generation.recipes import Progress, Recipe, Rendered
from pixsim.lib.errors import FieldError, Invalid

from .mesh import Vec
from .places import PLACES
from .preview import picture
from .props import crate

MADE_BY = "PixSim gltf_scene renderer (machine-made)"
DAY, DIM = ((0.36, 0.58, 0.8), (0.82, 0.88, 0.9)), ((0.12, 0.09, 0.08), (0.2, 0.14, 0.11))
VIEWS: dict[str, tuple[Vec, Vec, tuple[Colour, Colour]]] = {
    "harbor": ((0.5, 4.2, 13.5), (0.3, 1.6, -3), DAY),
    "market": ((0.8, 5.2, 13.5), (0, 1.6, -2.5), DAY),
    "tavern": ((2.6, 3.0, 7.6), (-0.8, 1.3, -2.0), DIM),
}
SYNONYMS = {"harbour": "harbor", "docks": "harbor", "inn": "tavern", "square": "market", "marketplace": "market"}


def make_scene(recipe: Recipe, target_dir: Path, progress: Progress) -> Rendered:
    """Write the place as GLB. A wanted name the place has not becomes a crate of that name, so a hotspot can be bound."""
    name = str(recipe["place"]).lower()
    name = SYNONYMS.get(name, name)
    if name not in PLACES:
        raise Invalid([FieldError("/place", "unknown", f"There is no place {name!r}; there are {', '.join(sorted(PLACES))}.")])
    rng = generator("gltf", name, recipe.get("seed", 0))
    model = PLACES[name](rng)
    progress(0.6)
    missing = [wanted for wanted in recipe.get("objects", []) if wanted not in model.names()]
    for number, wanted in enumerate(missing):
        model.add(wanted, *crate(0.8, rng), at=(-4.0 + 1.2 * (number % 8), 0, 5.5 + 1.2 * (number // 8)))
    path = target_dir / "model.glb"
    data = model.glb(MADE_BY)
    path.write_bytes(data)
    document, _ = read_glb(data)
    progress(0.8)
    poster = target_dir / "poster.jpg"
    eye, look, sky = VIEWS[name]
    save_jpeg(picture(model, (640, 360), eye, look, sky), poster)
    return Rendered(path, poster, "model/gltf-binary", None, None, None, meta={"made_by": MADE_BY, "objects": objects(document)})
