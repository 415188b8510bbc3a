"""L-BFGS and Adam: they reach known minima, stay inside bounds, survive bad numbers, and go on bit for bit."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from texture.errors import Diverged
from texture.optimisers.adam import Adam
from texture.optimisers.lbfgs import LBFGS, Evaluate
from texture.optimisers.redrawn import Redrawn


class Counted:
    """A function with its gradient that counts how often it was asked."""

    def __init__(self, function: Any) -> None:
        self.function, self.calls = function, 0

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        self.calls += 1
        x = x.detach().requires_grad_()
        loss = self.function(x)
        return loss.detach(), torch.autograd.grad(loss, x)[0]


def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def bowl(x: Tensor) -> Tensor:
    """A quadratic whose axes differ a thousandfold, with its minimum at 2."""
    return (torch.logspace(0, 3, x.numel(), dtype=x.dtype).view_as(x) * (x - 2) ** 2).sum()


def test_lbfgs_reaches_rosenbrocks_minimum() -> None:
    search = LBFGS(Counted(rosenbrock), torch.zeros(10, dtype=torch.float64), noise=1e-12)
    for _ in range(150):
        search.step()
    torch.testing.assert_close(search.x, torch.ones(10, dtype=torch.float64), atol=1e-5, rtol=0)


def test_lbfgs_is_as_good_as_torchs_for_as_many_evaluations() -> None:
    """torch's own, let run in one call, is the trusted implementation."""
    start = torch.full((50,), -1.0, dtype=torch.float64)
    ours = LBFGS(counted := Counted(rosenbrock), start)
    for _ in range(60):
        ours.step()
    x = start.clone().requires_grad_()
    theirs = torch.optim.LBFGS([x], max_iter=60, max_eval=counted.calls, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        theirs.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    theirs.step(closure)
    assert float(ours.loss) < 1.1 * float(rosenbrock(x.detach()))


def test_an_iteration_costs_little_more_than_one_evaluation() -> None:
    search = LBFGS(counted := Counted(bowl), torch.zeros(200))
    for _ in range(60):
        search.step()
    assert counted.calls <= 1.3 * 60


def test_the_first_step_from_a_picture_that_is_nearly_right_costs_one_evaluation() -> None:
    search = LBFGS(counted := Counted(lambda x: ((x - 0.5) ** 2).sum()), torch.full((1000,), 0.501))
    before = float(search.loss)
    search.step()
    assert counted.calls == 2  # the other one is that of the start
    assert float(search.loss) < before / 2


@pytest.mark.parametrize("kind", [LBFGS, Adam])
def test_bounds_are_kept_and_the_rest_still_converges(kind: Any) -> None:
    low, high = torch.tensor(0.0), torch.tensor([1.0, 5.0, 1.5, 5.0])
    search = kind(Counted(bowl), torch.zeros(4), bounds=(low, high))
    for _ in range(400 if kind is Adam else 40):
        search.step()
        assert (search.x >= low).all()
        assert (search.x <= high).all()
    torch.testing.assert_close(search.x, torch.tensor([1.0, 2.0, 1.5, 2.0]), atol=0.02, rtol=0)


@pytest.mark.parametrize("kind", [LBFGS, Adam])
def test_a_cliff_of_nan_is_walked_around(kind: Any) -> None:
    """Beyond 2.5 the function is not a number; its minimum at 2 is found all the same."""

    def edge(x: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = Counted(bowl)(x)
        return (loss, gradient) if x < 2.5 else (torch.tensor(torch.nan), torch.full_like(x, torch.nan))

    search = kind(edge, torch.full((1,), -40.0), **({"rate": 30.0} if kind is Adam else {}))
    for _ in range(600 if kind is Adam else 60):
        search.step()
    assert float(search.x) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("kind", [LBFGS, Adam])
def test_says_so_where_no_step_is_small_enough(kind: Any) -> None:
    calls = iter(range(10_000))

    def broken(x: Tensor) -> tuple[Tensor, Tensor]:
        first = next(calls) == 0
        return torch.tensor(1.0 if first else torch.nan), torch.ones_like(x)

    search = kind(broken, torch.zeros(3))
    with pytest.raises(Diverged, match="loss"):
        search.step()


def test_lbfgs_refuses_to_start_from_nan() -> None:
    with pytest.raises(Diverged, match="at the very start"):
        LBFGS(Counted(bowl), torch.full((3,), torch.nan))


def test_lbfgs_says_when_it_has_converged() -> None:
    search = LBFGS(Counted(bowl), torch.full((5,), 2.0))
    assert search.step() is False
    assert (search.x == 2).all()


def test_lbfgs_does_as_well_with_corrections_in_bfloat16() -> None:
    def left(**how: Any) -> float:
        search = LBFGS(Counted(bowl), torch.zeros(5000), history=10, **how)
        for _ in range(60):
            search.step()
        return float(search.loss) / float(bowl(torch.zeros(5000)))

    assert left(kept=torch.bfloat16) < 2 * left() < 1e-4


def test_lbfgs_keeps_corrections_in_the_precision_that_was_asked_for() -> None:
    search = LBFGS(Counted(bowl), torch.zeros(5000), kept=torch.bfloat16)
    for _ in range(4):
        search.step()
    written = copy.deepcopy(search.state())
    assert {part.dtype for part in (*written["s"], *written["y"])} == {torch.bfloat16}
    again = LBFGS(Counted(bowl), torch.zeros(5000), kept=torch.bfloat16, state=written)
    for _ in range(3):
        search.step()
        again.step()
    assert torch.equal(again.x, search.x)


def test_lbfgs_takes_up_corrections_that_were_kept_more_precisely() -> None:
    search = LBFGS(Counted(bowl), torch.zeros(5000))
    for _ in range(4):
        search.step()
    again = LBFGS(Counted(bowl), torch.zeros(5000), kept=torch.bfloat16, state=search.state())
    before = float(again.loss)
    again.step()
    assert float(again.loss) < before


def noisy(evaluate: Evaluate, share: float) -> Evaluate:
    """The same, with a relative error in the loss, as bfloat16 has it."""
    random = torch.Generator().manual_seed(0)

    def inexact(x: Tensor) -> tuple[Tensor, Tensor]:
        loss, gradient = evaluate(x)
        return loss * (1 + share * torch.randn((), generator=random)), gradient

    return inexact


def test_a_search_that_knows_of_the_noise_does_not_give_up() -> None:
    clean = Counted(lambda x: 1 + bowl(x) / 1000)
    search = LBFGS(noisy(clean, 1e-4), torch.zeros(50), noise=1e-3)
    for _ in range(100):
        search.step()
    assert float(clean(search.x)[0]) < 1.001


@pytest.mark.parametrize("kind", [LBFGS, Adam])
def test_goes_on_bit_for_bit_from_a_state_that_was_written_down(kind: Any, tmp_path: Any) -> None:
    through = kind(Counted(rosenbrock), torch.zeros(10))
    for _ in range(30):
        through.step()
    torch.save(through.state(), tmp_path / "state")
    resumed = kind(Counted(rosenbrock), torch.empty(0), state=torch.load(tmp_path / "state", weights_only=True))
    for _ in range(30):
        through.step()
        resumed.step()
    assert torch.equal(through.x, resumed.x)


@pytest.mark.parametrize("kind", [LBFGS, Adam])
def test_a_state_from_the_disk_is_brought_to_the_device(kind: Any) -> None:
    search = kind(Counted(rosenbrock), torch.zeros(10))
    search.step()
    elsewhere = kind(Counted(rosenbrock), torch.empty(0, device="meta"), state=search.state())
    tensors = [item for value in elsewhere.state().values() for item in (value if isinstance(value, list) else [value])]
    assert {tensor.device.type for tensor in tensors if isinstance(tensor, Tensor)} == {"meta"}


def test_what_lbfgs_remembers_is_never_changed_in_place() -> None:
    """A checkpoint need not write again what it has written."""
    search = LBFGS(Counted(rosenbrock), torch.zeros(10), history=5)
    for _ in range(10):
        search.step()
    before = search.state()["s"]
    copies = [s.clone() for s in before]
    search.step()
    assert all(torch.equal(s, copy) for s, copy in zip(before, copies, strict=True))
    assert [s.data_ptr() for s in search.state()["s"][:-1]] == [s.data_ptr() for s in before[1:]]


class Moved:
    """A bowl whose lowest point is redrawn."""

    def __init__(self) -> None:
        self.lowest = torch.zeros(4)

    def draw(self, picture: Tensor, random: torch.Generator) -> None:
        self.lowest = torch.rand(4, generator=random)

    def drawn(self) -> dict[str, Any]:
        return {"lowest": self.lowest}

    def lay(self, drawn: dict[str, Any]) -> None:
        self.lowest = drawn["lowest"]

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        way, steepness = x - self.lowest, torch.tensor([1.0, 10.0, 100.0, 1000.0])
        return (steepness * way.square()).sum(), 2 * steepness * way


def redrawn(every: int, state: Any = None, seed: int = 0) -> Redrawn:
    objective = Moved()
    random = torch.Generator().manual_seed(seed)

    def search(state: Any) -> LBFGS:
        return LBFGS(objective, torch.full((4,), 3.0), state=state)

    return Redrawn(objective, random, torch.full((4,), 3.0), search, every=every, state=state)


def test_an_objective_is_redrawn_after_so_many_steps_and_the_curvature_kept() -> None:
    search, lowest = redrawn(3), []
    for _ in range(7):
        lowest.append(search.objective.lowest)
        assert search.step()
        assert torch.equal(search.loss, search.objective(search.x)[0])
    assert [int(not torch.equal(a, b)) for a, b in itertools.pairwise(lowest)] == [0, 0, 1, 0, 0, 1]
    assert len(search.state()["search"]["s"]) >= 4


def test_one_that_is_redrawn_gives_up_only_where_a_new_draw_does_not_help() -> None:
    search = redrawn(100)
    start, drawn = search.objective.lowest, []
    for offset in (1.0, 0.0, 0.0):  # how far from where it stands the minimum lies
        search.objective.lowest = search.x - offset
        search.search.judge()
        drawn.append((search.step(), search.since))
    assert drawn == [(True, 1), (True, 0), (False, 0)]
    assert not torch.equal(search.objective.lowest, start)


def test_one_that_is_redrawn_goes_on_bit_for_bit() -> None:
    whole = redrawn(3)
    for count in range(1, 9):
        whole.step()
        if count == 4:
            state = copy.deepcopy(whole.state())
    resumed = redrawn(3, state, seed=9)
    for _ in range(4):
        resumed.step()
    assert torch.equal(resumed.x, whole.x)
    assert torch.equal(resumed.objective.lowest, whole.objective.lowest)
