"""How a choice of layers is written, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from texture.features.layers import LAYERS, LayerWeights, deepest, layers_of

LINE = TypeAdapter(LayerWeights)


def test_there_are_sixteen_convolutions_and_five_poolings() -> None:
    assert len(LAYERS) == 21
    assert LAYERS[0] == "relu1_1"
    assert LAYERS[-2:] == ("relu5_4", "pool5")


def test_vgg16_has_those_of_vgg19_but_three() -> None:
    assert set(LAYERS) - set(layers_of("vgg16")) == {"relu3_4", "relu4_4", "relu5_4"}
    assert layers_of("vgg19-torchvision") == LAYERS


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("relu1_1", {"relu1_1": 1.0}),
        ("pool4=0.5, relu1_1", {"relu1_1": 1.0, "pool4": 0.5}),
        ({"pool1": 2}, {"pool1": 2.0}),
    ],
)
def test_reads_names_with_weights_in_the_order_of_computation(written: object, read: dict[str, float]) -> None:
    assert list(LINE.validate_python(written).items()) == list(read.items())


def test_what_is_written_is_read_back() -> None:
    line = "relu1_1 pool1=0.5 relu5_4=1000"
    assert LINE.dump_python(LINE.validate_python(line)) == line


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("conv1_1", "no layer 'conv1_1'"),
        ("", "no layer ''"),
        ("pool1=x", "weight 'x' of pool1 is no number"),
        ("pool1=0", "not between 1e-12"),
        ("pool1=nan", "not between 1e-12"),
        ("pool1=1e-300", "not between 1e-12"),
        ("pool1=1e13", "and 1e12"),
    ],
)
def test_refuses_in_words(written: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        LINE.validate_python(written)


def test_deepest_is_by_computation_not_by_name() -> None:
    assert deepest(["pool4", "relu5_1", "relu1_1"]) == "relu5_1"
