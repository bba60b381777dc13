"""The three places of a harbour town, object by object; the names are what hotspots are bound to."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from generation.paint.colour import Colour, times

from .mesh import Model, Shape
from .props import (
    DARK,
    GOLD,
    IRON,
    LAMP,
    STONE,
    WOOD,
    barrel,
    crate,
    door,
    ground,
    hill,
    house,
    lamp_post,
    mast,
    ship_hull,
    stall,
    table,
    varied,
)  # fmt: skip

HAZE: Colour = (0.72, 0.78, 0.82)
WALLS: tuple[Colour, ...] = ((0.8, 0.7, 0.55), (0.68, 0.5, 0.4), (0.62, 0.64, 0.62), (0.76, 0.62, 0.48), (0.7, 0.44, 0.34), (0.56, 0.6, 0.64))
ROOFS: tuple[Colour, ...] = ((0.46, 0.24, 0.18), (0.33, 0.29, 0.31), (0.4, 0.3, 0.23), (0.53, 0.29, 0.2))


def harbor(rng: np.random.Generator) -> Model:
    """Quay with a tavern on the left, a pier with a ship on the right, town and hills behind the water."""
    m = Model("harbor")
    m.add("ground", *ground(26, 9, (0.52, 0.49, 0.46), rng, step=0.9, z=4.5))
    edge = Shape()
    for i in range(26):
        edge.box(-12.5 + i, -1.0, 0.0, 0.96, 1.06, 0.5, varied(rng, STONE))
    m.add("quay_wall", ("painted", edge))
    m.add("water", *_water(70, 60, -0.7, -25))
    tavern = m.group("tavern", at=(-8.7, 0, -0.2), turn=22)
    m.add("tavern_facade", *house(rng, 6.4, 5.6, 5.0, wall=(0.74, 0.6, 0.44), roof=ROOFS[0], lit=0.85), parent=tavern)
    m.add("tavern_door", *door(1.3, 2.4, (0.5, 0.2, 0.15)), at=(0, 0, 2.62), parent=tavern)
    m.add("tavern_sign", *_anchor_sign(), at=(1.7, 3.0, 2.6), parent=tavern)
    m.add("market_arch", *_arch(rng), at=(-4.2, 0, -0.4), turn=10)
    office = m.group("harbor_office", at=(-1.1, 0, -1.3), turn=4)
    m.add("office_facade", *house(rng, 2.9, 4.4, 3.0, wall=(0.62, 0.64, 0.62), roof=ROOFS[1], lit=0.5), parent=office)
    m.add("office_door", *door(1.0, 2.1, (0.2, 0.32, 0.36)), at=(0, 0, 1.62), parent=office)
    store = m.group("warehouse", at=(14.6, 0, -1.2), turn=-36)
    m.add("warehouse_facade", *house(rng, 6.4, 5.0, 5.0, wall=(0.5, 0.4, 0.32), roof=ROOFS[2], lit=0.1), parent=store)
    m.add("warehouse_door", *door(2.2, 2.7, (0.34, 0.26, 0.2)), at=(0, 0, 2.62), parent=store)
    m.add("crane", *_crane(), at=(10.2, 0, 0.2), turn=158)
    m.add("mole", *_mole(rng), at=(0.6, -0.9, -4.6), turn=-8)
    pier = Shape()
    for i in range(15):
        pier.box(0, -0.12, -0.55 * i - 0.3, 2.4, 0.12, 0.5, varied(rng, WOOD, 0.14))
    for i in range(5):
        for x in (-1.05, 1.05):
            pier.tube(x, -1.6, -1.9 * i - 0.6, 0.14, 2.1, DARK, 0.12, 8)
    m.add("pier", ("painted", pier), at=(2.6, 0.05, 0.1))
    ship = m.group("ship", at=(7.4, -0.7, -5.6), turn=160)
    m.add("ship_hull", *ship_hull(13, rng), parent=ship)
    m.add("mast", *mast(9.4, 3.0), at=(0.3, 1.2, 0), parent=ship)
    m.add("mast_fore", *mast(7.6, 2.5), at=(3.6, 1.2, 0), parent=ship)
    m.add("mast_mizzen", *mast(7.0, 2.2), at=(-3.4, 1.5, 0), parent=ship)
    m.add(
        "gangplank",
        ("painted", Shape().face([(-0.4, 0, 0.9), (0.4, 0, 0.9), (0.4, 0.75, -0.9), (-0.4, 0.75, -0.9)], times(WOOD, 1.2))),
        at=(4.3, 0.06, -3.4),
        turn=-70,
    )
    crates = m.group("crates")
    for n, (x, z, y, s, turn) in enumerate(
        ((5.6, 2.0, 0, 1.0, 12), (6.6, 1.5, 0, 0.9, -20), (6.0, 1.8, 1.0, 0.8, 30), (8.4, 3.0, 0, 1.2, 5), (-2.8, 1.3, 0, 0.8, 40))
    ):
        m.add(f"crate_{n + 1}", *crate(s, rng), at=(x, y, z), turn=turn, parent=crates)
    for n, (x, z, s) in enumerate(((4.4, 1.1, 0.95), (-3.6, 1.9, 0.9), (-3.0, 2.3, 0.85), (9.6, 1.9, 1.0))):
        m.add(f"barrel_{n + 1}", *barrel(s, rng), at=(x, 0, z))
    m.add("lamp_post", *lamp_post(3.8), at=(0.3, 0, 0.9))
    m.add("lamp_post_2", *lamp_post(3.8), at=(7.6, 0, 1.0))
    for n, x in enumerate((-1.6, 1.2, 4.2)):
        m.add(
            f"bollard_{n + 1}",
            ("metal", Shape().tube(0, 0, 0, 0.17, 0.42, IRON, 0.15, 9).tube(0, 0.42, 0, 0.24, 0.14, IRON, 0.16, 9)),
            at=(x, 0, 0.35),
        )
    m.add("rowing_boat", *_boat(rng), at=(-1.2, -0.55, -2.6), turn=65)
    _town(m, rng, ((-16.5, -9, 6), (-13, -12.5, 5), (-9, -15.5, 5.4), (13.5, -15, 5.6), (17, -11.5, 5.2), (20, -8, 6)))
    m.add("hills", *hill([(-34, 3), (-24, 7.5), (-15, 4.2), (-6, 2.6), (3, 3.4), (12, 2.4), (22, 6.2), (34, 3.2)], -38, (0.4, 0.46, 0.42), HAZE, 0.5))
    m.add("lighthouse", *_lighthouse(), at=(5.5, -0.8, -32))
    return m


def _town(m: Model, rng: np.random.Generator, spots: tuple[tuple[float, float, float], ...]) -> None:
    for n, (x, z, h) in enumerate(spots):
        walls = house(rng, 4.2, h, 4, wall=WALLS[n % len(WALLS)], roof=ROOFS[n % len(ROOFS)])
        m.add(f"house_{n + 1}", *walls, at=(x, -0.5, z), turn=math.degrees(math.atan2(-x, -z + 10)))


def _water(w: float, d: float, y: float, z: float) -> list[tuple[str, Shape]]:
    shape = Shape(shade=0.0)
    for i in range(14):
        for j in range(12):
            x0, x1 = -w / 2 + w * i / 14, -w / 2 + w * (i + 1) / 14
            z0, z1 = z - d / 2 + d * j / 12, z - d / 2 + d * (j + 1) / 12
            far = 1 - j / 12
            tone = 0.9 + 0.12 * math.sin(i * 2.7 + j * 1.9)
            shape.face([(x0, y, z1), (x1, y, z1), (x1, y, z0), (x0, y, z0)], times((0.13 + 0.2 * far, 0.3 + 0.2 * far, 0.37 + 0.2 * far), tone))
    return [("water", shape)]


def _anchor_sign() -> list[tuple[str, Shape]]:
    board, metal = Shape(), Shape()
    metal.box(-0.1, 1.15, 0, 0.06, 0.06, 1.3, IRON)
    board.box(0, 0, 0.35, 0.1, 1.1, 0.95, times(WOOD, 0.75))
    for x in (-0.07, 0.07):
        metal.box(x, 0.2, 0.35, 0.04, 0.75, 0.08, GOLD).box(x, 0.72, 0.35, 0.04, 0.08, 0.42, GOLD).box(x, 0.2, 0.35, 0.04, 0.1, 0.62, GOLD)
        metal.box(x, 0.26, 0.06, 0.04, 0.18, 0.08, GOLD).box(x, 0.26, 0.64, 0.04, 0.18, 0.08, GOLD)
    return [("painted", board), ("metal", metal)]


def _boat(rng: np.random.Generator) -> list[tuple[str, Shape]]:
    shape = Shape()
    ribs = [(-1.5, 0.42, 0.5), (-0.7, 0.62, 0.4), (0.2, 0.64, 0.4), (1.0, 0.45, 0.46), (1.6, 0.04, 0.62)]
    for (x0, b0, h0), (x1, b1, h1) in pairwise(ribs):
        for side in (-1, 1):
            shape.face(
                [(x0, -0.15, side * b0 * 0.6), (x1, -0.15, side * b1 * 0.6), (x1, h1, side * b1), (x0, h0, side * b0)], varied(rng, (0.5, 0.3, 0.2))
            )
        shape.face([(x0, 0.05, b0 * 0.8), (x1, 0.05, b1 * 0.8), (x1, 0.05, -b1 * 0.8), (x0, 0.05, -b0 * 0.8)], times(WOOD, 0.7))
    for x in (-0.8, 0.3):
        shape.box(x, 0.26, 0, 0.22, 0.05, 1.1, times(WOOD, 1.3))
    shape.beam((-0.9, 0.5, -0.9), (1.1, 0.4, 0.5), 0.035, WOOD)
    return [("painted", shape)]


def _lighthouse() -> list[tuple[str, Shape]]:
    shape, glow = Shape(), Shape()
    for i in range(5):
        shape.tube(0, i * 1.5, 0, 1.1 - 0.09 * i, 1.5, (0.9, 0.87, 0.82) if i % 2 == 0 else (0.68, 0.25, 0.2), 1.01 - 0.09 * i, 12)
    glow.tube(0, 7.6, 0, 0.45, 0.8, LAMP, sides=10)
    shape.tube(0, 7.5, 0, 0.95, 0.12, IRON, sides=12).tube(0, 8.4, 0, 0.65, 0.6, (0.5, 0.2, 0.17), 0.0, 12)
    return [("painted", shape), ("glowing", glow)]


def _gate(rng: np.random.Generator) -> list[tuple[str, Shape]]:
    arch = Shape()
    for side in (-1, 1):
        arch.box(side * 2.4, 0, 0, 1.3, 4.4, 1.4, STONE).box(side * 2.4, 4.4, 0, 1.5, 0.25, 1.6, times(STONE, 1.15))
    for i in range(9):
        a = math.pi * i / 8
        arch.box(-1.9 * math.cos(a), 2.9 + 1.6 * math.sin(a), 0, 0.75, 0.55, 1.3, varied(rng, times(STONE, 1.05)))
    arch.box(0, 4.6, 0, 6.2, 1.0, 1.4, times(STONE, 0.95)).gable(0, 5.6, 0, 6.2, 1.3, 1.4, ROOFS[1], STONE)
    return [("painted", arch)]


def _arch(rng: np.random.Generator) -> list[tuple[str, Shape]]:
    """A narrow archway into a lane, dark inside."""
    shape = Shape()
    for side in (-1, 1):
        shape.box(side * 1.25, 0, 0, 0.7, 3.0, 0.9, STONE)
    for i in range(7):
        a = math.pi * i / 6
        shape.box(-1.1 * math.cos(a), 2.5 + 0.8 * math.sin(a), 0, 0.52, 0.42, 0.86, varied(rng, times(STONE, 1.1)))
    shape.box(0, 3.5, 0, 3.3, 0.8, 0.9, times(STONE, 0.92)).gable(0, 4.3, 0, 3.3, 0.8, 0.9, ROOFS[2], STONE)
    shape.face([(-0.95, 0, -0.35), (0.95, 0, -0.35), (0.95, 3.4, -0.35), (-0.95, 3.4, -0.35)], (0.14, 0.12, 0.13))
    return [("painted", shape)]


def _drainpipe() -> list[tuple[str, Shape]]:
    """A pipe up to the roofs, with a gutter's mouth and brackets."""
    pipe = Shape()
    pipe.tube(0, 0.2, 0, 0.11, 5.6, (0.36, 0.42, 0.4), sides=8).tube(0, 5.7, 0, 0.13, 0.35, (0.34, 0.4, 0.38), 0.26, 8)
    pipe.beam((0, 0.25, 0), (0.3, 0.05, 0.1), 0.11, (0.36, 0.42, 0.4))
    for y in (1.2, 2.6, 4.0, 5.3):
        pipe.box(0, y, 0, 0.34, 0.1, 0.34, IRON)
    return [("metal", pipe)]


def _crane() -> list[tuple[str, Shape]]:
    """A quayside crane with a load on its rope."""
    wood, rope = Shape(), Shape()
    wood.box(0, 0, 0, 1.3, 0.3, 1.3, times(WOOD, 0.8)).beam((0, 0.2, 0), (0, 4.4, 0), 0.17, DARK, 8).beam(
        (-0.5, 2.4, 0), (3.0, 5.6, 0), 0.13, WOOD, 7
    )
    wood.beam((0, 4.3, 0), (1.8, 4.5, 0), 0.09, DARK).beam((0, 1.4, 0), (1.0, 3.8, 0), 0.09, DARK).tube(
        -0.5, 0.5, -0.2, 0.5, 0.5, times(WOOD, 1.2), sides=12
    )
    rope.beam((2.95, 5.5, 0), (2.95, 2.5, 0), 0.03, (0.7, 0.6, 0.42), 4)
    wood.box(2.95, 1.7, 0, 0.8, 0.8, 0.8, times(WOOD, 1.15), 20)
    return [("painted", wood), ("painted", rope)]


def _mole(rng: np.random.Generator) -> list[tuple[str, Shape]]:
    """A stone mole running out to sea, a lamp at its head."""
    stone, lamp = Shape(), Shape()
    for i in range(12):
        stone.box(0, 0, -1.1 * i, 1.8, 1.0, 1.05, varied(rng, times(STONE, 0.9), 0.14))
        if i % 3 == 0:
            for side in (-0.8, 0.8):
                stone.box(side, 1.0, -1.1 * i, 0.2, 0.4, 0.2, times(STONE, 0.7))
    stone.tube(0, 0.9, -12.6, 1.5, 0.35, times(STONE, 1.1), sides=12).tube(0, 1.2, -12.6, 0.14, 2.4, IRON, 0.1, 8)
    lamp.tube(0, 3.6, -12.6, 0.2, 0.5, LAMP, 0.28, 6)
    stone.tube(0, 4.1, -12.6, 0.36, 0.35, IRON, 0.0, 6)
    return [("painted", stone), ("glowing", lamp)]


def market(rng: np.random.Generator) -> Model:
    """A square: fountain in the middle, stalls around it, houses and an arch behind."""
    m = Model("market")
    m.add("ground", *ground(26, 22, (0.56, 0.52, 0.47), rng, step=1.0))
    fountain = m.group("fountain_group", at=(0, 0, -1.5))
    basin, water = Shape(), Shape()
    basin.tube(0, 0, 0, 2.1, 0.25, times(STONE, 0.85), 2.0, 16).tube(0, 0.25, 0, 1.8, 0.5, STONE, 1.9, 16)
    basin.tube(0, 0.6, 0, 0.28, 1.4, times(STONE, 1.1), 0.2, 10).tube(0, 1.9, 0, 0.25, 0.25, STONE, 0.85, 12).tube(
        0, 2.1, 0, 0.14, 0.7, STONE, 0.1, 8
    )
    basin.tube(0, 2.8, 0, 0.2, 0.3, GOLD, 0.05, 8)
    water.tube(0, 0.76, 0, 1.7, 0.02, (0.4, 0.6, 0.68), sides=16).tube(0, 2.14, 0, 0.75, 0.03, (0.5, 0.68, 0.74), sides=12)
    for i in range(8):
        a = 2 * math.pi * i / 8
        water.beam((0.8 * math.cos(a), 2.1, 0.8 * math.sin(a)), (1.2 * math.cos(a), 0.8, 1.2 * math.sin(a)), 0.03, (0.75, 0.86, 0.9), 4)
    m.add("fountain", ("painted", basin), ("water", water), parent=fountain)
    cream: Colour = (0.9, 0.84, 0.7)
    m.add(
        "stall_fish",
        *stall(3.2, ((0.2, 0.4, 0.5), cream), [(0.62, 0.68, 0.72), (0.55, 0.6, 0.66), (0.8, 0.5, 0.42)], rng, "fish"),
        at=(-5.6, 0, 1.2),
        turn=38,
    )
    m.add(
        "stall_cloth",
        *stall(
            3.4,
            ((0.66, 0.2, 0.18), cream),
            [(0.7, 0.25, 0.2), (0.25, 0.35, 0.6), (0.8, 0.62, 0.25), (0.35, 0.5, 0.35), (0.55, 0.3, 0.5)],
            rng,
            "cloth",
        ),
        at=(5.7, 0, 1.0),
        turn=-38,
    )
    m.add("stall_tools", *stall(3.2, ((0.36, 0.44, 0.24), cream), [STONE], rng, "tools"), at=(-5.0, 0, -5.4), turn=20)
    m.add(
        "stall_fruit",
        *stall(3.2, ((0.8, 0.56, 0.2), cream), [(0.75, 0.25, 0.15), (0.85, 0.6, 0.18), (0.45, 0.6, 0.22)], rng, "fruit"),
        at=(5.0, 0, -5.4),
        turn=-20,
    )
    gate = m.group("market_arch", at=(0, 0, -9.4))
    m.add("arch", *_gate(rng), parent=gate)
    lane = m.group("tavern_lane", at=(7.8, 0, -6.2), turn=-46)
    m.add("lane_arch", *_arch(rng), parent=lane)
    m.add("lane_sign", *_anchor_sign(), at=(1.3, 2.6, 0.6), parent=lane)
    m.add("drainpipe", *_drainpipe(), at=(-8.6, 0, -1.6))
    spots: tuple[tuple[float, float, float], ...] = (
        (-9.2, -8.4, 30),
        (-11, -3.4, 62),
        (-11.4, 2.4, 84),
        (9.6, -9.6, -30),
        (11, -3.4, -62),
        (11.4, 2.4, -84),
        (-5.2, -10.6, 8),
        (5.2, -10.6, -8),
    )
    for n, (x, z, turn) in enumerate(spots):
        walls = house(rng, 4.6, 5.2 + (n % 3), 4, wall=WALLS[(n + 2) % len(WALLS)], roof=ROOFS[n % len(ROOFS)], lit=0.25)
        m.add(f"house_{n + 1}", *walls, at=(x, 0, z), turn=turn)
    for n, (x, z) in enumerate(((-3.2, 3.4), (3.2, 3.4))):
        m.add(f"lamp_post_{n + 1}", *lamp_post(3.6), at=(x, 0, z))
    for n, (x, z, s) in enumerate(((-7.6, 3.0, 0.9), (7.7, 2.9, 0.8), (3.3, -5.9, 0.8))):
        m.add(f"crate_{n + 1}", *crate(s, rng), at=(x, 0, z), turn=17.0 * n)
    m.add("barrel_1", *barrel(0.95, rng), at=(-7.0, 0, -4.2))
    flags = Shape(shade=0.0)
    for row, z in enumerate((-3.4, 0.6)):
        for i in range(22):
            t = i / 21
            x, y = -10 + 20 * t, 4.9 - 1.1 * math.sin(math.pi * t)
            colour = ((0.7, 0.24, 0.2), (0.86, 0.7, 0.3), (0.24, 0.42, 0.5), (0.86, 0.82, 0.74))[(i + row) % 4]
            flags.face([(x - 0.22, y, z), (x + 0.22, y, z), (x, y - 0.5, z)], colour)
    m.add("bunting", ("painted", flags))
    return m


def tavern(rng: np.random.Generator) -> Model:
    """The inside of a tavern: bar at the back, hearth on the left, door on the right, tables between."""
    m = Model("tavern")
    m.add("floor", *ground(13, 10, (0.4, 0.27, 0.18), rng, step=0.34, plank=True))
    walls = Shape(shade=0.3)
    plaster: Colour = (0.6, 0.46, 0.33)
    walls.box(0, 0, -5.1, 13, 4, 0.2, plaster).box(-6.6, 0, 0, 0.2, 4, 10, plaster).box(6.6, 0, 0, 0.2, 4, 10, times(plaster, 0.9))
    for x in (-6.4, -3.2, 0, 3.2, 6.4):
        walls.box(x, 0, -4.95, 0.26, 4, 0.2, DARK)
    for z in (-4.8, -1.6, 1.6, 4.6):
        walls.box(-6.45, 0, z, 0.2, 4, 0.26, DARK).box(6.45, 0, z, 0.2, 4, 0.26, DARK)
    for z in (-4.0, -1.4, 1.2, 3.8):
        walls.box(0, 3.75, z, 13, 0.32, 0.3, times(DARK, 1.1))
    walls.box(0, 0, -4.96, 13, 1.0, 0.12, times(WOOD, 0.7))
    m.add("walls", ("painted", walls))
    _bar(m, rng)
    _hearth(m, rng)
    m.add("door_out", *door(1.4, 2.4, (0.34, 0.22, 0.15)), at=(6.42, 0, 1.7), turn=-90)
    for n, z in enumerate((-2.6, 3.6)):
        window, glow = Shape(), Shape()
        window.box(0, 0, 0, 1.3, 1.5, 0.14, DARK)
        glow.box(-0.29, 0.1, 0.05, 0.52, 1.3, 0.1, (0.62, 0.74, 0.86)).box(0.29, 0.1, 0.05, 0.52, 1.3, 0.1, (0.62, 0.74, 0.86))
        m.add(f"window_{n + 1}", ("painted", window), ("painted", glow), at=(6.45, 1.2, z), turn=-90)
    for name, x, z in (
        ("table_1", -2.6, 0.6),
        ("table_2", 1.0, 1.4),
        ("back_table", -4.3, -2.6),
        ("window_table", 4.6, -0.6),
        ("table_3", -1.0, 3.4),
    ):
        table(m, name, x, z, 0, rng)
    stairs = Shape()
    for i in range(10):
        stairs.box(0, 0.3 * i, -0.36 * i, 1.4, 0.3, 0.4, varied(rng, times(WOOD, 0.9)))
    for i in (0, 4, 9):
        stairs.box(-0.7, 0.3 * i, -0.36 * i, 0.08, 1.2, 0.08, DARK)
    stairs.beam((-0.7, 1.2, 0), (-0.7, 3.9, -3.24), 0.05, DARK)
    m.add("stairs", ("painted", stairs), at=(5.4, 0, -1.6))
    for n, (x, z, s) in enumerate(((5.6, -4.2, 1.1), (-5.7, 3.9, 1.05), (-5.0, 4.3, 0.9))):
        m.add("barrels" if n == 0 else f"barrel_{n}", *barrel(s, rng), at=(x, 0, z))
    lamp, glow = Shape(), Shape()
    lamp.tube(0, 0, 0, 0.9, 0.08, IRON, sides=12).beam((0, 0, 0), (0, 1.3, 0), 0.03, IRON)
    for i in range(6):
        a = 2 * math.pi * i / 6
        lamp.tube(0.8 * math.cos(a), 0.08, 0.8 * math.sin(a), 0.05, 0.16, (0.9, 0.87, 0.78), sides=6)
        glow.tube(0.8 * math.cos(a), 0.24, 0.8 * math.sin(a), 0.035, 0.13, LAMP, 0.0, 5)
    m.add("chandelier", ("metal", lamp), ("glowing", glow), at=(0, 2.5, 0.8))
    return m


def _bar(m: Model, rng: np.random.Generator) -> None:
    bar = Shape()
    for i in range(12):
        bar.box(-2.75 + 0.5 * i, 0, 0, 0.46, 1.05, 0.7, varied(rng, times(WOOD, 0.85)))
    bar.box(0, 1.05, 0, 6.3, 0.1, 0.95, times(WOOD, 1.35)).box(0, 0.1, 0.45, 6.1, 0.06, 0.12, GOLD)
    for i, x in enumerate((-2.2, -0.6, 1.5, 2.3)):
        bar.tube(x, 1.15, 0.1, 0.09, 0.22, ((0.6, 0.6, 0.62), (0.56, 0.42, 0.26))[i % 2], 0.1, 8)
    m.add("bar", ("painted", bar), at=(-0.2, 0, -3.1))
    shelf = Shape()
    for y in (1.25, 1.95, 2.65):
        shelf.box(0, y, 0, 5.4, 0.07, 0.4, times(WOOD, 0.9))
        x = -2.5
        while x < 2.5:
            colour = ((0.2, 0.42, 0.26), (0.5, 0.26, 0.12), (0.7, 0.6, 0.35), (0.25, 0.34, 0.5), (0.55, 0.16, 0.16))[int(rng.integers(5))]
            h = float(rng.uniform(0.26, 0.42))
            shelf.tube(x, y + 0.07, 0, 0.085, h * 0.68, colour, 0.08, 7).tube(x, y + 0.07 + h * 0.68, 0, 0.06, h * 0.32, colour, 0.03, 7)
            x += float(rng.uniform(0.22, 0.36))
    m.add("shelves", ("painted", shelf), at=(-0.2, 0, -4.7))
    for n, x in enumerate((-2.4, -1.2, 0.2, 1.5)):
        stool = (
            Shape()
            .tube(0, 0.7, 0, 0.24, 0.08, varied(rng, WOOD), sides=10)
            .tube(0, 0, 0, 0.06, 0.7, DARK, sides=6)
            .tube(0, 0, 0, 0.2, 0.05, DARK, sides=8)
        )
        m.add(f"stool_{n + 1}", ("painted", stool), at=(x, 0, -2.2))


def _hearth(m: Model, rng: np.random.Generator) -> None:
    stone, fire, logs = Shape(), Shape(), Shape()
    for y in range(7):
        for z in (-1.15, 1.15):
            stone.box(0, y * 0.3, z, 0.9, 0.29, 0.7, varied(rng, STONE, 0.15))
    for i in range(6):
        stone.box(0, 2.1, -1.25 + 0.5 * i, 1.0, 0.35, 0.48, varied(rng, STONE, 0.15))
    stone.box(-0.1, 2.45, 0, 0.8, 1.5, 2.2, times(STONE, 0.85)).box(-0.35, 0, 0, 0.15, 2.1, 1.7, (0.12, 0.1, 0.1)).box(
        0.15, 2.42, 0, 1.0, 0.12, 3.2, times(WOOD, 0.8)
    )
    for turn in (20, 90, 150):
        logs.box(0, 0.06, 0, 0.9, 0.16, 0.16, DARK, turn)
    for x, z, h in ((0, 0, 0.8), (0.1, 0.25, 0.55), (-0.05, -0.25, 0.6), (0.15, -0.1, 0.4)):
        fire.tube(x, 0.15, z, 0.17, h, (1.0, 0.62, 0.2), 0.0, 6)
    m.add("hearth", ("painted", stone), ("painted", logs), ("glowing", fire), at=(-6.05, 0, -0.6))


PLACES: dict[str, Callable[[np.random.Generator], Model]] = {"harbor": harbor, "market": market, "tavern": tavern}
