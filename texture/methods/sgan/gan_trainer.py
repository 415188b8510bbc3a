"""The training of a spatial GAN: a generator against its discriminators, or an ensemble of such pairs."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from texture.errors import InvalidInput
from texture.features.precision import precision
from texture.methods.common.model_file import MOST_BYTES, Model
from texture.methods.common.multiscale import extent_of, sized
from texture.methods.common.sampling import noise_field, paint
from texture.methods.common.trained import load
from texture.methods.common.trainer import Trainer
from texture.methods.contract import State
from texture.methods.roles import Inputs
from texture.methods.sgan.gan_painter import Painter, generator
from texture.methods.sgan.guard import Guard
from texture.methods.sgan.params import SGANParams
from texture.methods.sgan.plan import exemplar_size
from texture.networks.gan import Discriminator, Discriminators, Generator

LOOKED_AT = 16  # samples, when the guard compares them
WARMING = 4  # EMA warm-up: the average spans a quarter of the steps so far, until that is as long as asked


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
        """Go on from there."""
        self.generator.load_state_dict(state["generator"])
        self.discriminators.load_state_dict(state["discriminators"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])

    def slow(self, factor: float) -> None:
        """Set the learning rates that were asked for, times that."""
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = factor * self._rates[name]


class GANTrainer(Trainer[SGANParams]):
    """From noise to a generator that paints the exemplar's texture."""

    method = "sgan"

    def __init__(self, p: SGANParams, images: Inputs, device: torch.device, state: State | None = None) -> None:
        super().__init__(p, images, device)
        self.exemplar, self.note = _exemplar(p, images.source)
        with self.seeded():
            self._pairs = [Pair(p, device) for _ in range(1 + (p.pairs if p.scheme == "ensemble" else 0))]
        for pair in self._pairs:
            pair.generator.palette.fit(self.exemplar)
        self._average = copy.deepcopy(self._pairs[0].generator).eval().requires_grad_(False)
        self._check_size()
        self._guard = Guard()
        self.begin(state, images.model)
        self._colours = self._average.palette.from_rgb(self.exemplar.to(device))

    def batch(self) -> dict[str, Tensor]:
        """One for each network; the losses of the pair that counts."""
        first, *others = self._pairs
        for pair in self._pairs:
            pair.slow(self.slowing)
        losses, answers = self._train_ensemble(first, others) if others else self._train_pair(first)
        self._follow(first.generator)
        self._guard.note(losses, answers)
        return losses

    def picture(self) -> Tensor:
        """What the averaged generator makes of the noise field that is always the same: 3×H×W uint8."""
        p, painter = self.p, Painter(self._average, self.p.noise_channels, self.device)
        return paint(painter, noise_field(painter, p.size, p.tile, p.seed), p)

    def state(self) -> State:
        """All that is needed to go on bit for bit."""
        return super().state() | {"guard": self._guard.state()}

    def take_up(self, state: State) -> None:
        """Go on from what `state` gave."""
        super().take_up(state)
        self._guard = Guard(state["guard"])

    @property
    def parts(self) -> dict[str, torch.nn.Module]:
        """The averaged generator, and what it takes to train further."""
        first = self._pairs[0]
        return {"average": self._average, "generator": first.generator, "discriminators": first.discriminators}

    def _check_size(self) -> None:
        """Raise InvalidInput where the model would be larger than what is read again."""
        values = [values.numel() for network in self.parts.values() for values in network.state_dict().values()]
        pictures = 3 * (self.exemplar[0].numel() + self.p.size.width * self.p.size.height)
        size, channels = 4 * sum(values) + pictures, self.p.base_channels
        if size > MOST_BYTES - 2**20:
            words = f"the model would have {size // 2**20} MB: at most {MOST_BYTES // 2**20}; try fewer channels"
            raise InvalidInput(f"base_channels={channels}: {words}", field="base_channels", value=channels)

    def _train_pair(self, pair: Pair) -> tuple[dict[str, Tensor], Tensor]:
        """The discriminators on a batch of crops and one of samples, then the generator on those same samples."""
        samples = pair.generator(self._noise(self.p.batch))
        critic, answers = self._train_discriminators(pair, samples.detach())
        return {"generator": self._train_generator(pair, samples, [pair]), "discriminator": critic}, answers

    def _train_ensemble(self, first: Pair, others: list[Pair]) -> tuple[dict[str, Tensor], Tensor]:
        """The others each by itself; then the global critic on samples of all others, its generator on all critics."""
        for pair in others:
            self._train_pair(pair)
        with torch.no_grad():
            shares = self._noise(self.p.batch).chunk(len(others))
            samples = torch.cat([pair.generator(noise) for pair, noise in zip(others, shares, strict=False)])
        critic, answers = self._train_discriminators(first, samples)
        own = first.generator(self._noise(self.p.batch))
        return {"generator": self._train_generator(first, own, others), "discriminator": critic}, answers

    def _train_discriminators(self, pair: Pair, samples: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator loss, and the standard deviation of the logits."""
        crops = self._crops(self.p.batch)
        answers = pair.discriminators(torch.cat([crops, samples]))
        halves = [answer.split((len(crops), len(samples))) for answer in answers]
        loss = torch.stack([self._doubt(real) + self._doubt(-fake) for real, fake in halves]).mean()
        _descend(pair.optimisers["discriminator"], loss)
        return loss.detach(), torch.stack([answer.detach().std() for answer in answers]).mean()

    def _train_generator(self, pair: Pair, samples: Tensor, critics: list[Pair]) -> Tensor:
        """The generator loss against discriminators that are not updated by it."""
        for critic in critics:
            critic.discriminators.requires_grad_(False)
        answers = [answer for critic in critics for answer in critic.discriminators(samples)]
        loss = torch.stack(
            [-answer.mean() if self.p.loss == "hinge" else softplus(-answer).mean() for answer in answers]
        )
        _descend(pair.optimisers["generator"], loss.mean())
        for critic in critics:
            critic.discriminators.requires_grad_(True)
        return loss.mean().detach()

    def _doubt(self, answers: Tensor) -> Tensor:
        """The discriminator loss for pictures that it should take for real, given their logits."""
        return (relu(1 - answers) if self.p.loss == "hinge" else softplus(-answers)).mean()

    def _noise(self, count: int) -> Tensor:
        """count×channels×cells×cells, uniform in -1..1."""
        cells = self.p.crop // 2**self.p.depth
        uniform = torch.rand(count, self.p.noise_channels, cells, cells, generator=self.random)
        return uniform.to(self.device) * 2 - 1

    def _crops(self, count: int) -> Tensor:
        """count×3×crop×crop of the exemplar, along the palette's axes."""
        side = self.p.crop
        places = zip(*(self._draw(count, length - side + 1) for length in self._colours.shape[1:]), strict=True)
        crops = [self._colours[:, top : top + side, left : left + side] for top, left in places]
        if self.p.flips:
            crops = [crop.flip(2) if turn else crop for crop, turn in zip(crops, self._draw(count, 2), strict=True)]
        if self.p.rotations:
            crops = [crop.rot90(turn, (1, 2)) for crop, turn in zip(crops, self._draw(count, 4), strict=True)]
        return torch.stack(crops)

    def _draw(self, count: int, below: int) -> list[int]:
        drawn: list[int] = torch.randint(below, (count,), generator=self.random).tolist()
        return drawn

    @torch.no_grad()
    def _follow(self, network: Generator) -> None:
        """Update the exponential moving average of the generator."""
        stays = min(self.p.ema_decay, 1 - 1 / (1 + (self.budget.number + 1) / WARMING))
        ours, theirs = self._average.state_dict(), network.state_dict()
        torch._foreach_lerp_(list(ours.values()), list(theirs.values()), 1 - stays)

    def verdict(self) -> str | None:
        """What the guard says; at the end, where it has seen too few steps, nothing."""
        if self.budget.number % self.EVERY:
            return None
        with torch.no_grad():
            samples = self._samples_now(self._noise(LOOKED_AT))
        return self._guard.judge(self.budget.number, samples, self._crops(LOOKED_AT))

    def _samples_now(self, noise: Tensor) -> Tensor:
        """Samples of the generator as it trains, its batch statistics untouched."""
        network = self._pairs[0].generator.eval()
        samples: Tensor = network(noise)
        network.train()
        return samples

    def weights(self) -> State:
        """Networks and optimisers; shares storage with them."""
        return {"pairs": [pair.state() for pair in self._pairs], "average": dict(self._average.state_dict())}

    def put(self, weights: State) -> None:
        """Go on from there."""
        for pair, state in zip(self._pairs, weights["pairs"], strict=True):
            pair.load(state)
        self._average.load_state_dict(weights["average"])

    def train_further(self, model: Model) -> None:
        """Take up a model's weights; all pairs of an ensemble begin with the same ones."""
        super().train_further(model)
        for pair in self._pairs[1:]:
            load(pair.generator, model, "generator")
            load(pair.discriminators, model, "discriminators")


def _exemplar(p: SGANParams, source: Tensor) -> tuple[Tensor, str | None]:
    """At the size at which it is cropped; and a word where it had to be enlarged."""
    given = extent_of(source)
    size = exemplar_size(p, given)
    enlarged = f"enlarged to {size.width}x{size.height}: a crop has {p.crop} a side"
    note = f"the source texture of {given.width}x{given.height} pixels was {enlarged}" if min(given) < p.crop else None
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
