"""The files of a material from a folder or a zip, which may come from anybody."""

from __future__ import annotations

import io
import tracemalloc
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import numpy as np
import pytest
from PIL import Image

from texture.errors import InvalidInput
from texture.images.decoding import UPLOADED
from texture.materials.gathering import gather


def png(level: int = 0) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((32, 32), level, np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped(files: dict[str, bytes], how: int = ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


FILES = {"Wall_Color.png": png(1), "Wall_NormalGL.png": png(2), "Wall.usdc": b"scene", "Wall_Preview.png": png(3)}


def test_a_folder_and_a_zip_give_the_same(tmp_path):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "wall.zip").write_bytes(zipped(FILES))
    for found in (gather(tmp_path), gather(tmp_path / "wall.zip"), gather(zipped(FILES))):
        assert found.base is not None
        assert found.base[1]() == FILES["Wall_Color.png"]
        assert {kind: read() for kind, (_, read) in found.maps.items()} == {"normal": FILES["Wall_NormalGL.png"]}
        assert [name.rpartition("/")[2] for name in found.unknown] == ["Wall_Preview.png"]


@pytest.mark.parametrize(
    "name", ["../wall_color.png", "/wall_color.png", "a/../../wall_color.png", "C:\\wall_color.png"]
)
def test_a_name_that_leads_outside_is_refused(name):
    with pytest.raises(InvalidInput, match="lie outside"):
        gather(zipped({name: png()}))


def test_a_bomb_is_refused_by_what_it_says_of_itself():
    with pytest.raises(InvalidInput, match=r"wall_color\.png is larger than 20 MB"):
        gather(zipped({"wall_color.png": bytes(UPLOADED.bytes + 1)}), UPLOADED)


def test_a_bomb_that_lies_is_refused_while_it_is_unpacked():
    data = bytearray(zipped({"wall_color.png": bytes(UPLOADED.bytes + 1)}))
    said, small = (UPLOADED.bytes + 1).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    found = gather(bytes(data.replace(said, small)), UPLOADED)
    assert found.base is not None
    with pytest.raises(InvalidInput, match=r"wall_color\.png"):
        found.base[1]()


def test_too_many_pictures_are_refused():
    with pytest.raises(InvalidInput, match="has 65 pictures: at most 64"):
        gather(zipped({f"{number}_color.png": b"" for number in range(65)}))


def test_too_many_entries_are_refused_before_anything_is_made_of_them():
    data = zipped({f"{number}.txt": b"" for number in range(5000)})
    said = (5000).to_bytes(2, "little")
    data = data[:-22] + data[-22:].replace(said, b"\1\0")  # whatever the zip says of itself
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match="has 5000 entries: at most 2000"):
            gather(data)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [".", "./", "maps/", ".png"])
def test_a_name_of_no_file_is_passed_over(name):
    found = gather(zipped({name: b"", "wall_color.png": png()}))
    assert found.base is not None
    assert not found.unknown


@pytest.mark.parametrize("how", [ZIP_BZIP2, ZIP_LZMA])
def test_what_is_compressed_in_an_unusual_way_is_refused(how):
    with pytest.raises(InvalidInput, match=r"wall_color\.png is compressed in a way that is not read: use Deflate"):
        gather(zipped({"wall_color.png": png()}, how))


def test_a_damaged_member_is_named():
    data = bytearray(zipped({"wall_color.png": png(), "wall_height.png": png(7)}))
    at = data.index(b"wall_height.png") + len("wall_height.png") + 10
    data[at : at + 8] = bytes(8)
    found = gather(bytes(data))
    assert found.base is not None
    assert found.base[1]() == png()
    with pytest.raises(InvalidInput, match=r"wall_height\.png is damaged in the zip"):
        found.maps["height"][1]()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + bytes(30), b"no zip"])
def test_what_is_no_zip_is_refused(data):
    with pytest.raises(InvalidInput, match="is not a zip file, or a damaged one"):
        gather(data)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="has no picture in it"):
        gather(tmp_path)
