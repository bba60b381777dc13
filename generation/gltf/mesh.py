"""Shapes with vertex colours, and a writer of binary glTF 2.0 without external files or extensions."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from generation.paint.colour import Colour, times

Vec = tuple[float, float, float]


def linear(colour: Colour) -> tuple[int, int, int, int]:
    """sRGB 0–1 to the linear bytes glTF wants in COLOR_0."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (min(1.0, max(0.0, v)) for v in colour))
    return (round(red * 255), round(green * 255), round(blue * 255), 255)


@dataclass(slots=True)
class Shape:
    """Triangles with flat normals; lengths in metres, y up. `shade`: how much darker the foot of a face is."""

    points: list[Vec] = field(default_factory=list)
    normals: list[Vec] = field(default_factory=list)
    colours: list[tuple[int, int, int, int]] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    shade: float = 0.22

    def face(self, corners: Sequence[Vec], colour: Colour) -> Shape:
        """A flat convex polygon, corners counter-clockwise seen from outside."""
        a, b, c = (np.array(corners[i]) for i in (0, 1, 2))
        normal = np.cross(b - a, c - a)
        length = float(np.linalg.norm(normal))
        unit = tuple(float(v) for v in (normal / length if length else (0, 1, 0)))
        low, high = min(p[1] for p in corners), max(p[1] for p in corners)
        start = len(self.points)
        for point in corners:
            lift = 1.0 if high - low < 1e-6 else (point[1] - low) / (high - low)
            self.points.append(point)
            self.normals.append((unit[0], unit[1], unit[2]))
            self.colours.append(linear(times(colour, 1 - self.shade * (1 - lift))))
        for i in range(1, len(corners) - 1):
            self.indices += [start, start + i, start + i + 1]
        return self

    def box(self, x: float, y: float, z: float, w: float, h: float, d: float, colour: Colour, turn: float = 0.0) -> Shape:
        """A box standing on y, centred at x and z; turned about its own upright axis by degrees."""
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))

        def at(px: float, py: float, pz: float) -> Vec:
            lx, lz = px * w / 2, pz * d / 2
            return (x + lx * c + lz * s, y + py * h, z - lx * s + lz * c)

        faces = (
            ((-1, 0, 1), (1, 0, 1), (1, 1, 1), (-1, 1, 1)), ((1, 0, -1), (-1, 0, -1), (-1, 1, -1), (1, 1, -1)),
            ((1, 0, 1), (1, 0, -1), (1, 1, -1), (1, 1, 1)), ((-1, 0, -1), (-1, 0, 1), (-1, 1, 1), (-1, 1, -1)),
            ((-1, 1, 1), (1, 1, 1), (1, 1, -1), (-1, 1, -1)), ((-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)),
        )  # fmt: skip
        tones = (1.0, 0.94, 0.9, 0.86, 1.12, 0.6)
        for corners, tone in zip(faces, tones, strict=True):
            self.face([at(*corner) for corner in corners], times(colour, tone))
        return self

    def tube(self, x: float, y: float, z: float, r: float, h: float, colour: Colour, top: float | None = None, sides: int = 10) -> Shape:
        """An upright cylinder or cone on y; `top` is its upper radius."""
        top = r if top is None else top
        ring = [(math.cos(2 * math.pi * i / sides), math.sin(2 * math.pi * i / sides)) for i in range(sides)]
        for i in range(sides):
            (ax, az), (bx, bz) = ring[i], ring[(i + 1) % sides]
            tone = 0.9 + 0.16 * math.cos(2 * math.pi * i / sides - 0.8)
            corners = [
                (x + bx * r, y, z + bz * r),
                (x + ax * r, y, z + az * r),
                (x + ax * top, y + h, z + az * top),
                (x + bx * top, y + h, z + bz * top),
            ]
            self.face(corners if top > 1e-4 else corners[:3], times(colour, tone))
        if top > 1e-4:
            self.face([(x + cx * top, y + h, z + cz * top) for cx, cz in ring[::-1]], times(colour, 1.1))
        return self

    def beam(self, a: Vec, b: Vec, r: float, colour: Colour, sides: int = 5) -> Shape:
        """A round pole between two points."""
        start, end = np.array(a), np.array(b)
        along = (end - start) / (np.linalg.norm(end - start) or 1.0)
        side = np.cross(along, (0, 1, 0) if abs(along[1]) < 0.9 else (1, 0, 0))
        side = side / np.linalg.norm(side)
        other = np.cross(along, side)
        rings = []
        for i in range(sides):
            angle = 2 * math.pi * i / sides
            rings.append((math.cos(angle) * side + math.sin(angle) * other) * r)
        for i in range(sides):
            p, q = rings[i], rings[(i + 1) % sides]
            corners = [start + p, start + q, end + q, end + p]
            self.face([(float(v[0]), float(v[1]), float(v[2])) for v in corners], colour)
        return self

    def gable(self, x: float, y: float, z: float, w: float, h: float, d: float, roof: Colour, wall: Colour, over: float = 0.25) -> Shape:
        """A ridge roof along x on walls w × d, with its two gables."""
        hw, hd = w / 2 + over, d / 2 + over
        ridge_l, ridge_r = (x - hw, y + h, z), (x + hw, y + h, z)
        self.face([(x - hw, y - over * 0.6, z + hd), (x + hw, y - over * 0.6, z + hd), ridge_r, ridge_l], roof)
        self.face([(x + hw, y - over * 0.6, z - hd), (x - hw, y - over * 0.6, z - hd), ridge_l, ridge_r], times(roof, 0.85))
        self.face([(x + w / 2, y, z + d / 2), (x + w / 2, y, z - d / 2), (x + w / 2, y + h * 0.96, z)], wall)
        self.face([(x - w / 2, y, z - d / 2), (x - w / 2, y, z + d / 2), (x - w / 2, y + h * 0.96, z)], wall)
        return self


MATERIALS: dict[str, dict[str, Any]] = {
    "painted": {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.92}, "doubleSided": True},
    "glowing": {
        "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.7}, "emissiveFactor": [1.0, 0.62, 0.24], "doubleSided": True,
    },
    "water": {
        "pbrMetallicRoughness": {"metallicFactor": 0.15, "roughnessFactor": 0.22, "baseColorFactor": [1.0, 1.0, 1.0, 0.86]},
        "alphaMode": "BLEND", "doubleSided": True,
    },
    "metal": {"pbrMetallicRoughness": {"metallicFactor": 0.55, "roughnessFactor": 0.45}, "doubleSided": True},
}  # fmt: skip


class Model:
    """A tree of named nodes below one root."""

    def __init__(self, name: str) -> None:
        self.nodes: list[dict[str, Any]] = [{"name": name, "children": []}]
        self.meshes: list[tuple[str, list[tuple[str, Shape]]]] = []

    def group(self, name: str, at: Vec = (0, 0, 0), turn: float = 0.0, parent: int = 0) -> int:
        """An empty named node; returns its index, the parent of what belongs to it."""
        node: dict[str, Any] = {"name": name, "children": []}
        if any(at):
            node["translation"] = [round(v, 4) for v in at]
        if turn:
            half = math.radians(turn) / 2
            node["rotation"] = [0.0, round(math.sin(half), 6), 0.0, round(math.cos(half), 6)]
        self.nodes.append(node)
        self.nodes[parent]["children"].append(len(self.nodes) - 1)
        return len(self.nodes) - 1

    def add(self, name: str, *parts: tuple[str, Shape], at: Vec = (0, 0, 0), turn: float = 0.0, parent: int = 0) -> int:
        """A named object of one or more (material, shape) parts."""
        index = self.group(name, at, turn, parent)
        self.meshes.append((name, [part for part in parts if part[1].points]))
        self.nodes[index]["mesh"] = len(self.meshes) - 1
        return index

    def names(self) -> set[str]:
        return {str(node["name"]) for node in self.nodes}

    def glb(self, generator: str) -> bytes:
        """The whole model as one GLB."""
        binary = bytearray()
        views: list[dict[str, Any]] = []
        accessors: list[dict[str, Any]] = []

        def put(data: bytes, target: int, **accessor: Any) -> int:
            binary.extend(b"\0" * (-len(binary) % 4))
            views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data), "target": target})
            binary.extend(data)
            accessors.append({"bufferView": len(views) - 1, **accessor})
            return len(accessors) - 1

        names = list(MATERIALS)
        meshes = []
        for name, parts in self.meshes:
            primitives = []
            for material, shape in parts:
                points = np.array(shape.points, dtype="<f4")
                count = len(points)
                bounds = {"min": [float(v) for v in points.min(axis=0)], "max": [float(v) for v in points.max(axis=0)]}
                attributes = {
                    "POSITION": put(points.tobytes(), 34962, componentType=5126, count=count, type="VEC3", **bounds),
                    "NORMAL": put(np.array(shape.normals, dtype="<f4").tobytes(), 34962, componentType=5126, count=count, type="VEC3"),
                    "COLOR_0": put(
                        np.array(shape.colours, dtype="u1").tobytes(), 34962, componentType=5121, normalized=True, count=count, type="VEC4"
                    ),
                }
                order = put(np.array(shape.indices, dtype="<u4").tobytes(), 34963, componentType=5125, count=len(shape.indices), type="SCALAR")
                primitives.append({"attributes": attributes, "indices": order, "material": names.index(material)})
            meshes.append({"name": name, "primitives": primitives})
        binary.extend(b"\0" * (-len(binary) % 4))
        document = {
            "asset": {"version": "2.0", "generator": generator}, "scene": 0, "scenes": [{"nodes": [0]}],
            "nodes": [{k: v for k, v in node.items() if v != []} for node in self.nodes], "meshes": meshes,
            "materials": [{"name": name, **MATERIALS[name]} for name in names], "accessors": accessors, "bufferViews": views,
            "buffers": [{"byteLength": len(binary)}],
        }  # fmt: skip
        text = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        text += b" " * (-len(text) % 4)
        length = 12 + 8 + len(text) + 8 + len(binary)
        return (
            struct.pack("<4sII", b"glTF", 2, length) + struct.pack("<II", len(text), 0x4E4F534A) + text
            + struct.pack("<II", len(binary), 0x004E4942) + bytes(binary)
        )  # fmt: skip
