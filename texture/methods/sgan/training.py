"""The training of a spatial GAN, step by step, with all that it takes to go on from anywhere."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from texture.errors import Diverged, InvalidInput
from texture.features.precision import precision
from texture.images.decoding import MAX_PIXELS
from texture.images.tensors import to_pixels
from texture.methods.common.model_file import MOST_BYTES, Model, write_model
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.common.training import Budget
from texture.methods.contract import State
from texture.methods.roles import Inputs
from texture.methods.sampling import noise_field, paint
from texture.methods.sgan import ARCHITECTURE, SGANParams
from texture.methods.sgan.guard import Guard
from texture.methods.sgan.painter import Painter, generator, load, params_of
from texture.methods.sizes import looked_at, times
from texture.networks.gan import Discriminator, Discriminators, Generator

MOST_RETURNS = 6  # to earlier weights; then the rates are a 64th
LOOKED_AT = 16  # samples, when the guard compares them
WARMING = 4  # the average is one of a quarter of the steps so far, until it may be as long as asked


class Pair:
    """A generator and its discriminators, each with its optimiser."""

    def __init__(self, p: SGANParams, device: torch.device) -> None:
        dtype = precision(p.precision, device)
        self.generator = generator(p, dtype).to(device)
        self.discriminators = Discriminators([_discriminator(p, dtype) for _ in range(p.discriminator_scales)])
        self.discriminators.to(device)
        self._rates = {"generator": p.generator_rate, "discriminator": p.discriminator_rate}
        networks = {"generator": self.generator, "discriminator": self.discriminators}
        self.optimisers = {name: _adam(network, self._rates[name], p) for name, network in networks.items()}

    def state(self) -> State:
        """Everything, as it is: it shares storage with the networks."""
        return {
            "generator": dict(self.generator.state_dict()),
            "discriminators": dict(self.discriminators.state_dict()),
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
        }

    def load(self, state: State) -> None:
        """Go on from there. Optimisers keep the tensors that they are given, so they get their own."""
        self.generator.load_state_dict(state["generator"])
        self.discriminators.load_state_dict(state["discriminators"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(copy.deepcopy(state["optimisers"][name]))

    def slow_down(self, times: int) -> None:
        """Half the rates that were asked for, so many times over."""
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = self._rates[name] / 2**times


class Training:
    """From noise to a generator that paints the exemplar's texture.

    note: what a person should know of how it goes.
    """

    def __init__(self, p: SGANParams, images: Inputs, device: torch.device, state: State | None = None) -> None:
        self._p, self._device = p, device
        self._pixels, self.note = _exemplar(p, images.source)
        self._random = torch.Generator().manual_seed(p.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(p.seed)
            self._pairs = [Pair(p, device) for _ in range(1 + (p.pairs if p.scheme == "ensemble" else 0))]
        for pair in self._pairs:
            pair.generator.palette.fit(self._pixels)
        self._average = copy.deepcopy(self._pairs[0].generator).eval().requires_grad_(False)
        self._check_size()
        self.budget, self._returns = Budget(p.steps, p.minutes), 0
        self._guard = Guard()
        if state is not None:
            self._load(state)
        elif images.model is not None:
            self._load_model(images.model)
        self._exemplar = self._average.palette.from_rgb(self._pixels.to(device))
        self._good = state["good"] if state is not None else _copied(self._weights())
        self._field: Tensor | None = None

    def advance(self) -> dict[str, Tensor]:
        """One batch for each network; the losses of the pair that counts.

        Raises:
            Diverged: it went wrong again and again.
        """
        with self.budget.spending():
            first, *others = self._pairs
            losses, answers = self._train_ensemble(first, others) if others else self._train_pair(first)
            self.budget.number += 1
            self._follow(first.generator)
            self._guard.note(losses, answers)
        if self._guard.due or (self.budget.over and not self._finite):
            self._look_after()
        return losses

    def picture(self) -> Tensor:
        """What the averaged generator makes of the noise field that is always the same: 3×H×W uint8."""
        p = self._p
        painter = Painter(self._average, p.noise_channels, self._device)
        if self._field is None:
            self._field = noise_field(painter, p.size, p.tile, p.seed)
        return paint(painter, self._field, p)

    def state(self) -> State:
        """All that is needed to go on bit for bit."""
        return {
            "number": self.budget.number,
            "seconds": self.budget.seconds,
            "returns": self._returns,
            "note": self.note,
            "random": self._random.get_state(),
            "guard": self._guard.state(),
            "now": self._weights(),
            "good": self._good,
        }

    def model(self) -> bytes:
        """The file to keep: the averaged generator, and what it takes to train further."""
        tensors = {
            f"{part}.{name}": values.detach().float().cpu().contiguous().numpy()
            for part, network in self._parts.items()
            for name, values in network.state_dict().items()
        }
        params: dict[str, Any] = self._p.model_dump(mode="json")
        pictures = to_pixels(self._pixels), to_pixels(self.picture())
        return write_model(Model("sgan", params, self.budget.number, *pictures, tensors))

    @property
    def _parts(self) -> dict[str, torch.nn.Module]:
        """What of the networks goes into the model."""
        first = self._pairs[0]
        return {"average": self._average, "generator": first.generator, "discriminators": first.discriminators}

    def _check_size(self) -> None:
        """Raise InvalidInput where the model would be larger than what is read again."""
        values = [values.numel() for network in self._parts.values() for values in network.state_dict().values()]
        pictures = 3 * (self._pixels[0].numel() + self._p.size.width * self._p.size.height)
        size, channels = 4 * sum(values) + pictures, self._p.base_channels
        if size > MOST_BYTES - 2**20:
            words = f"the model would have {size // 2**20} MB: at most {MOST_BYTES // 2**20}; try fewer channels"
            raise InvalidInput(f"base_channels={channels}: {words}", field="base_channels", value=channels)

    def _train_pair(self, pair: Pair) -> tuple[dict[str, Tensor], Tensor]:
        """The discriminators on a batch of crops and one of samples, then the generator on those same samples."""
        samples = pair.generator(self._noise(self._p.batch))
        critic, answers = self._train_discriminators(pair, samples.detach())
        return {"generator": self._train_generator(pair, samples, [pair]), "discriminator": critic}, answers

    def _train_ensemble(self, first: Pair, others: list[Pair]) -> tuple[dict[str, Tensor], Tensor]:
        """The others each by itself; then the global critic on samples of all others, its generator on all critics."""
        for pair in others:
            self._train_pair(pair)
        with torch.no_grad():
            shares = self._noise(self._p.batch).chunk(len(others))
            samples = torch.cat([pair.generator(noise) for pair, noise in zip(others, shares, strict=False)])
        critic, answers = self._train_discriminators(first, samples)
        own = first.generator(self._noise(self._p.batch))
        return {"generator": self._train_generator(first, own, others), "discriminator": critic}, answers

    def _train_discriminators(self, pair: Pair, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Their loss, and how much their answers differ."""
        crops = self._crops(self._p.batch)
        answers = pair.discriminators(torch.cat([crops, samples]))
        halves = [answer.split((len(crops), len(samples))) for answer in answers]
        loss = torch.stack([self._doubt(real) + self._doubt(-fake) for real, fake in halves]).mean()
        _descend(pair.optimisers["discriminator"], loss)
        return loss.detach(), torch.stack([answer.detach().std() for answer in answers]).mean()

    def _train_generator(self, pair: Pair, samples: Tensor, critics: list[Pair]) -> Tensor:
        """Its loss: how far the critics, which do not learn from this, are from taking its samples for crops."""
        for critic in critics:
            critic.discriminators.requires_grad_(False)
        answers = [answer for critic in critics for answer in critic.discriminators(samples)]
        loss = torch.stack(
            [-answer.mean() if self._p.loss == "hinge" else softplus(-answer).mean() for answer in answers]
        )
        _descend(pair.optimisers["generator"], loss.mean())
        for critic in critics:
            critic.discriminators.requires_grad_(True)
        return loss.mean().detach()

    def _doubt(self, answers: Tensor) -> Tensor:
        """The discriminator's loss for pictures to which it should have answered as much as it can."""
        return (relu(1 - answers) if self._p.loss == "hinge" else softplus(-answers)).mean()

    def _noise(self, count: int) -> Tensor:
        """count×channels×cells×cells, uniform in -1..1."""
        cells = self._p.crop // 2**self._p.depth
        uniform = torch.rand(count, self._p.noise_channels, cells, cells, generator=self._random)
        return uniform.to(self._device) * 2 - 1

    def _crops(self, count: int) -> Tensor:
        """count×3×crop×crop of the exemplar, along the palette's axes."""
        side = self._p.crop
        places = zip(*(self._draw(count, length - side + 1) for length in self._exemplar.shape[1:]), strict=True)
        crops = [self._exemplar[:, top : top + side, left : left + side] for top, left in places]
        if self._p.flips:
            crops = [crop.flip(2) if turn else crop for crop, turn in zip(crops, self._draw(count, 2), strict=True)]
        if self._p.turns:
            crops = [crop.rot90(turn, (1, 2)) for crop, turn in zip(crops, self._draw(count, 4), strict=True)]
        return torch.stack(crops)

    def _draw(self, count: int, below: int) -> list[int]:
        drawn: list[int] = torch.randint(below, (count,), generator=self._random).tolist()
        return drawn

    @torch.no_grad()
    def _follow(self, network: Generator) -> None:
        """Move the averaged generator towards this one."""
        stays = min(self._p.average, 1 - 1 / (1 + self.budget.number / WARMING))
        ours, theirs = self._average.state_dict(), network.state_dict()
        torch._foreach_lerp_(list(ours.values()), list(theirs.values()), 1 - stays)

    def _look_after(self) -> None:
        """Go back where it has gone wrong; remember where it has not."""
        with torch.no_grad():
            samples = self._average_now(self._noise(LOOKED_AT))
        wrong = self._guard.judge(self.budget.number, samples, self._crops(LOOKED_AT))
        if wrong is None:
            self._good = _copied(self._weights())
            return
        self._returns += 1
        if self._returns > MOST_RETURNS:
            when = f"for the {self._returns}th time, at step {self.budget.number}"
            raise Diverged(f"{wrong} {when}: try lower rates, or a larger batch")
        self._put(self._good)
        for pair in self._pairs:
            pair.slow_down(self._returns)
        self.note = f"{wrong} at step {self.budget.number}: went back to step {self._good['number']}, with lower rates"

    @property
    def _finite(self) -> bool:
        return all(bool(torch.isfinite(values).all()) for values in self._average.state_dict().values())

    def _average_now(self, noise: Tensor) -> Tensor:
        """Samples of the generator as it trains, its batch statistics untouched."""
        network = self._pairs[0].generator.eval()
        samples: Tensor = network(noise)
        network.train()
        return samples

    def _weights(self) -> State:
        """Networks and optimisers; shares storage with them."""
        pairs = [pair.state() for pair in self._pairs]
        return {"number": self.budget.number, "pairs": pairs, "average": dict(self._average.state_dict())}

    def _put(self, weights: State) -> None:
        for pair, state in zip(self._pairs, weights["pairs"], strict=True):
            pair.load(state)
        self._average.load_state_dict(weights["average"])

    def _load(self, state: State) -> None:
        self.budget.number, self.budget.seconds = state["number"], state["seconds"]
        self._returns = state["returns"]
        self.note = state["note"]
        self._random.set_state(state["random"])
        self._guard = Guard(state["guard"])
        self._put(state["now"])

    def _load_model(self, model: Model) -> None:
        """Train further: the weights of a model; the optimisers begin anew.

        Raises:
            InvalidInput: it is a model of another shape, or of another method.
        """
        if model.method != "sgan":
            raise InvalidInput(f"model: one of {model.method}, which sgan cannot train further", field="model")
        theirs = params_of(model)
        for name in ARCHITECTURE:
            ours, given = getattr(self._p, name), getattr(theirs, name)
            if ours != given:
                raise InvalidInput(f"{name}={ours!r}: the model was trained with {given!r}", field=name, value=ours)
        for pair in self._pairs:
            load(pair.generator, model, "generator")
            load(pair.discriminators, model, "discriminators")
        load(self._average, model, "average")


def _exemplar(p: SGANParams, source: Tensor) -> tuple[Tensor, str | None]:
    """Reduced as asked, and enlarged where a crop would not fit; and a word about the latter.

    Raises:
        InvalidInput: enlarged it would be larger than any exemplar may be.
    """
    given = extent_of(source)
    size = looked_at(given, p.exemplar_size or min(p.size))
    size = times(size, max(1.0, p.crop / min(size)))
    enlarged = f"enlarged to {size.width}x{size.height}: a crop has {p.crop} a side"
    if size.width * size.height > MAX_PIXELS:
        raise InvalidInput(f"crop={p.crop}: the exemplar would have to be {enlarged}", field="crop", value=p.crop)
    note = f"the exemplar of {given.width}x{given.height} pixels was {enlarged}" if min(given) < p.crop else None
    return sized(source, size), note


def _discriminator(p: SGANParams, dtype: torch.dtype) -> Discriminator:
    widths = [min(512, p.discriminator_channels * 2**layer) for layer in range(p.depth - 1)]
    kernel = 4 if p.upsampling == "nearest" else 5
    return Discriminator(widths, kernel, spectral=p.spectral_norm, norms=p.discriminator_norms, dtype=dtype)


def _adam(network: torch.nn.Module, rate: float, p: SGANParams) -> torch.optim.Adam:
    return torch.optim.Adam(
        network.parameters(), lr=rate, betas=(p.beta1, p.beta2), weight_decay=p.weight_decay, foreach=True
    )


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def _copied(state: State) -> State:
    """The same with tensors of its own, detached."""
    return copy.deepcopy(state)
