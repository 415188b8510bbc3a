"""What is asked of a trained model: the parameters that it was trained with, and its weights. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from texture.errors import InvalidInput
from texture.methods.common.model_file import Model
from texture.methods.common.training import TrainingParams
from texture.methods.registry import find_method

if TYPE_CHECKING:
    from torch import nn

P = TypeVar("P", bound=TrainingParams)


def params_of(model: Model, method: str, params: type[P]) -> P:
    """What a model was trained with, as that method's parameters.

    Raises:
        InvalidInput: it is of another method, or this version does not know the like.
    """
    if model.method != method:
        raise InvalidInput(f"model: one of {model.method}, not of {method}", field="model")
    try:
        p = find_method(method).parse(model.params)
    except InvalidInput as error:
        raise InvalidInput(f"model: of another version, or damaged: {error}", field="model") from error
    assert isinstance(p, params)
    return p


def check_architecture(p: P, model: Model | None, method: str) -> None:
    """Raise InvalidInput where a model, if there is one, cannot be trained further with these parameters."""
    if model is None:
        return
    theirs = params_of(model, method, type(p)).network_shape
    for name, ours in p.network_shape.items():
        if ours != theirs[name]:
            words = f"{name}={ours!r}: the model was trained with {theirs[name]!r}"
            raise InvalidInput(words, field=name, value=ours)


def load(network: nn.Module, model: Model, part: str) -> None:
    """Give a network the weights that lie under `part` in a model.

    Raises:
        InvalidInput: they are not what the network has.
    """
    import torch

    prefix = f"{part}."
    weights = {
        name.removeprefix(prefix): torch.from_numpy(values.copy())
        for name, values in model.tensors.items()
        if name.startswith(prefix)
    }
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise InvalidInput("model: its weights do not match its header", field="model") from error
