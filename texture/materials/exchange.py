"""The documents of exchange formats that name a material's textures: glTF 2.0 and MaterialX."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from texture.materials.maps import OPACITY, USUAL_ROUGHNESS, Map, Surface

# A square of one metre, facing +Z, its tangents along +X, so that a viewer has something to show the material on.
CORNERS = ((-0.5, -0.5, 0.0), (0.5, -0.5, 0.0), (0.5, 0.5, 0.0), (-0.5, 0.5, 0.0))
COORDINATES = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))  # of the texture, whose first row is at the top
TRIANGLES = (0, 1, 2, 0, 2, 3)
FLOAT, UNSIGNED_SHORT, VERTICES, INDICES = 5126, 5123, 34962, 34963


def gltf(name: str, files: Mapping[str, str], surface: Surface, there: Collection[Map]) -> Mapping[str, str]:
    """The .gltf: a square with the material (Khronos glTF 2.0, sections 3.7 and 3.9)."""
    attributes = {
        "POSITION": ("VEC3", CORNERS),
        "NORMAL": ("VEC3", ((0.0, 0.0, 1.0),) * 4),
        "TANGENT": ("VEC4", ((1.0, 0.0, 0.0, 1.0),) * 4),
        "TEXCOORD_0": ("VEC2", COORDINATES),
    }
    if "normal" not in files:  # which alone needs them
        del attributes["TANGENT"]
    parts = [struct.pack(f"<{4 * len(rows[0])}f", *(x for row in rows for x in row)) for _, rows in attributes.values()]
    parts.append(struct.pack(f"<{len(TRIANGLES)}H", *TRIANGLES))
    offsets = [sum(map(len, parts[:place])) for place in range(len(parts))]
    accessors: list[dict[str, Any]] = [
        {"bufferView": place, "componentType": FLOAT, "count": 4, "type": kind}
        for place, (kind, _) in enumerate(attributes.values())
    ]
    accessors[0] |= {"min": [-0.5, -0.5, 0.0], "max": [0.5, 0.5, 0.0]}
    accessors.append(
        {"bufferView": len(attributes), "componentType": UNSIGNED_SHORT, "count": len(TRIANGLES), "type": "SCALAR"}
    )
    used = [one for one in ("baseColor", "normal", "occlusionRoughnessMetallic", "emissive") if one in files]
    shape = {
        "attributes": {one: place for place, one in enumerate(attributes)},
        "indices": len(attributes),
        "material": 0,
    }
    document = {
        "asset": {"version": "2.0", "generator": "Texture Lab"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name}],
        "meshes": [{"primitives": [shape]}],
        "materials": [_gltf_material(name, used, surface, there)],
        "textures": [{"source": place, "sampler": 0} for place in range(len(used))],
        "images": [{"uri": files[one]} for one in used],
        "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 10497, "wrapT": 10497}],
        "accessors": accessors,
        "bufferViews": [
            {"buffer": 0, "byteOffset": offset, "byteLength": len(part), "target": target}
            for offset, part, target in zip(offsets, parts, [VERTICES] * len(attributes) + [INDICES], strict=True)
        ],
        "buffers": [{"byteLength": sum(map(len, parts)), "uri": _data_uri(b"".join(parts))}],
    }
    return {f"{name}.gltf": json.dumps(document, indent=2) + "\n"}


def _gltf_material(name: str, used: Sequence[str], surface: Surface, there: Collection[Map]) -> dict[str, Any]:
    """The material, its textures by their place among those that are used."""
    index = {one: {"index": place} for place, one in enumerate(used)}
    base: dict[str, Any] = {"baseColorTexture": index["baseColor"]}
    material: dict[str, Any] = {"name": name, "pbrMetallicRoughness": base}
    if "occlusionRoughnessMetallic" in index:
        base["metallicRoughnessTexture"] = material["occlusionTexture"] = index["occlusionRoughnessMetallic"]
    else:
        base |= {"metallicFactor": surface.metallic, "roughnessFactor": USUAL_ROUGHNESS}
    if "normal" in index:
        material["normalTexture"] = index["normal"]
    if "emissive" in index:
        material |= {"emissiveTexture": index["emissive"], "emissiveFactor": [1.0, 1.0, 1.0]}
    if OPACITY in there:
        material["alphaMode"] = "MASK"
    return material


def _data_uri(data: bytes) -> str:
    return f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"


MATERIALX = {  # a texture's ending -> its type, and the input of standard_surface that it goes into
    "base_color": ("color3", "base_color"),
    "roughness": ("float", "specular_roughness"),
    "normal": ("vector3", "normal"),
    "displacement": ("float", ""),
    "metalness": ("float", "metalness"),
    "emission": ("color3", "emission_color"),
    "opacity": ("float", "opacity"),
}
COLOURS = ("base_color", "emission")


def materialx(name: str, files: Mapping[str, str], surface: Surface, there: Collection[Map]) -> Mapping[str, str]:
    """The .mtlx: a standard_surface with a normal map and displacement (MaterialX 1.39)."""
    stem, name = name, f"M_{name}" if name[0].isdigit() else name  # names of elements begin with no digit
    root = Element("materialx", version="1.39", colorspace="lin_rec709")
    graph = SubElement(root, "nodegraph", name=f"{name}_textures")
    used = {one: told for one, told in MATERIALX.items() if one in files}
    for one, (type, _) in used.items():
        _image(graph, one, type, files[one], colorspace="srgb_texture" if one in COLOURS else None)
    outputs = {one: (one, type) for one, (type, _) in used.items()}
    if "normal" in used:
        bent = SubElement(graph, "normalmap", name="facing", type="vector3")
        SubElement(bent, "input", name="in", type="vector3", nodename="normal")
        outputs["normal"] = ("facing", "vector3")
    if "opacity" in used:
        spread = SubElement(graph, "convert", name="opacities", type="color3")
        SubElement(spread, "input", name="in", type="float", nodename="opacity")
        outputs["opacity"] = ("opacities", "color3")
    for node, type in outputs.values():
        SubElement(graph, "output", name=f"{node}_out", type=type, nodename=node)
    shader = SubElement(root, "standard_surface", name=f"{name}_surface", type="surfaceshader")
    SubElement(shader, "input", name="base", type="float", value="1")
    constants = {"metalness": surface.metallic, "roughness": USUAL_ROUGHNESS}
    for one, value in constants.items():
        if one not in used:
            SubElement(shader, "input", name=MATERIALX[one][1], type="float", value=f"{value:g}")
    if "emission" in used:
        SubElement(shader, "input", name="emission", type="float", value="1")
    for one, (node, type) in outputs.items():
        if wanted := MATERIALX[one][1]:
            SubElement(shader, "input", name=wanted, type=type, nodegraph=graph.get("name", ""), output=f"{node}_out")
    material = SubElement(root, "surfacematerial", name=name, type="material")
    SubElement(material, "input", name="surfaceshader", type="surfaceshader", nodename=f"{name}_surface")
    if "displacement" in used:
        heights = SubElement(root, "displacement", name=f"{name}_displacement", type="displacementshader")
        heights_in = {"nodegraph": graph.get("name", ""), "output": "displacement_out"}
        SubElement(heights, "input", {"name": "displacement", "type": "float", **heights_in})
        SubElement(heights, "input", name="scale", type="float", value=f"{surface.scale:g}")
        SubElement(
            material, "input", name="displacementshader", type="displacementshader", nodename=f"{name}_displacement"
        )
    indent(root)
    return {f"{stem}.mtlx": f'<?xml version="1.0"?>\n{tostring(root, encoding="unicode")}\n'}


def _image(graph: Element, name: str, type: str, file: str, colorspace: str | None = None) -> None:
    node = SubElement(graph, "image", name=name, type=type)
    space = {"colorspace": colorspace} if colorspace else {}
    SubElement(node, "input", {"name": "file", "type": "filename", "value": file, **space})
    for axis in ("uaddressmode", "vaddressmode"):
        SubElement(node, "input", name=axis, type="string", value="periodic")
