"""The bridge to PyTorch: the same network there, and its parameters in both directions."""

import doctest
import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from helpers import problem, relative_error

import minifnn as mf
from minifnn.network import HIDDEN, OUTPUTS

torch = pytest.importorskip("torch")
from minifnn import torch as bridge  # noqa: E402

NAMES = {"W": "dense{}.weight", "b": "dense{}.bias", "beta": "gate{}.beta"}


def torch_name(name):
    """W1 -> dense1.weight, as it is on the other side."""
    letters = name.rstrip("0123456789")
    return NAMES[letters].format(name[len(letters) :])


def torch_loss(net, o, Y):
    """The network's loss by PyTorch's functions; Y is (N,) labels for softmax."""
    Y = torch.tensor(Y)
    if net.output == "sigmoid":
        return torch.nn.functional.binary_cross_entropy_with_logits(o, Y)
    if net.output == "softmax":
        return torch.nn.functional.cross_entropy(o, Y)
    return ((o - Y) ** 2).sum(dim=1).mean() / 2


def loss_of_theta(net, module, X, Y, theta):
    """The loss as a function of theta, laid out as minifnn does."""
    values = {}
    for name, where in net.slices.items():
        value = theta[where].reshape(net.shapes[name])
        values[torch_name(name)] = value.T if name[0] == "W" else value
    o = torch.func.functional_call(module, values, torch.tensor(X))
    return torch_loss(net, o, Y)


def pairs():
    """Every activation with every output."""
    return pytest.mark.parametrize(
        ("hidden", "output"), [(hidden, output) for hidden in HIDDEN for output in sorted(OUTPUTS)]
    )


@pairs()
@pytest.mark.parametrize("trained", [True, False])
def test_outputs_and_gradients_are_the_same(hidden, output, trained):
    net, X, Y = problem([3, 4, 2], hidden, output, trained)
    module = bridge.to_torch(net)
    o = module(torch.tensor(X))
    assert o.dtype == torch.float64
    assert relative_error(o.detach().numpy(), net.logits(X)) < 1e-12
    torch_loss(net, o, Y).backward()
    gradient = net.gradient(X, Y)
    bound = 2 * mf.check.gradient(net, X, Y).tolerance * np.abs(gradient).max()
    parameters = dict(module.named_parameters())
    assert list(parameters) == [torch_name(name) for name in net.slices]
    for name, expected in net.split(gradient).items():
        got = parameters[torch_name(name)].grad
        if got is None:  # a beta that its gate does not use
            assert not expected.any()
            continue
        got = got.numpy().T if name[0] == "W" else got.numpy()
        assert np.abs(got - expected).max() <= bound, name


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own call
@pairs()
def test_hessians_are_the_same(hidden, output):
    net, X, Y = problem([2, 3, 2], hidden, output, True, N=7)
    loss = partial(loss_of_theta, net, bridge.to_torch(net), X, Y)
    H = torch.func.hessian(loss)(torch.tensor(net.theta))
    assert relative_error(H.numpy(), mf.hessian(net, X, Y)) < 1e-12


def test_predictions_are_those_of_torch():
    net, X, _ = problem([2, 3, 2], "esp", "softmax")
    p = torch.softmax(bridge.to_torch(net)(torch.tensor(X)), dim=1)
    assert relative_error(p.detach().numpy(), net.predict(X)) < 1e-12


def test_the_names_are_those_promised():
    net = mf.mlp([2, 3, 1], ["tanh"], trainable_beta=[False, True])
    module = bridge.to_torch(net)
    layers = [f"{kind}{l}" for l in (1, 2) for kind in ("dense", "gate")]
    assert [name for name, _ in module.named_children()] == layers
    state = module.state_dict()
    assert set(state) == {
        *("dense1.weight", "dense1.bias", "gate1.beta"),
        *("dense2.weight", "dense2.bias", "gate2.beta"),
    }
    assert state["dense1.weight"].shape == (3, 2)
    assert [name for name, _ in module.named_buffers()] == ["gate1.beta"]
    assert "Gate(tanh, units=3, beta fixed)" in repr(module)
    assert "Gate(scale, units=1, beta trained)" in repr(module)


def same_state(net, state):
    """Whether a network has this state, fixed betas included."""
    mine = bridge.to_state_dict(net)
    return mine.keys() == state.keys() and all(torch.equal(mine[n], state[n]) for n in mine)


@pytest.mark.parametrize("trained", [None, True, False, [False, True, False]])
def test_there_and_back(trained):
    net, _, _ = problem([3, 4, 2, 2], ["esp", "relu"], "softmax", trained, beta=0.7)
    other = mf.mlp(net.sizes, net.hidden, net.output, trainable_beta=trained, seed=5)
    theta = other.theta
    bridge.from_state_dict(other, bridge.to_torch(net).state_dict())
    assert other.theta is theta and np.array_equal(theta, net.theta)
    assert same_state(other, bridge.to_state_dict(net))
    X = np.random.default_rng(0).normal(size=(5, 3))
    assert np.array_equal(other.logits(X), net.logits(X))
    assert np.array_equal(other.copy().logits(X), net.logits(X))


def test_what_torch_learns_comes_back():
    net, X, Y = problem([2, 4, 1], "esp", "sigmoid")
    module = bridge.to_torch(net)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    torch_loss(net, module(torch.tensor(X)), Y).backward()
    optimizer.step()
    expected = net.theta - 0.1 * net.gradient(X, Y)
    bridge.from_state_dict(net, module.state_dict())
    assert relative_error(net.theta, expected) < 1e-14


def test_the_two_share_no_memory():
    net, _, _ = problem([2, 3, 1], "tanh", "linear", [False, True])
    before = bridge.to_state_dict(net)
    for state in (bridge.to_state_dict(net), bridge.to_torch(net).state_dict()):
        for tensor in state.values():
            tensor.fill_(9.0)
    assert same_state(net, before)
    state = bridge.to_state_dict(net)
    bridge.from_state_dict(net, state)
    state["dense1.bias"].fill_(9.0)
    assert same_state(net, before)


def test_the_module_draws_no_random_numbers_and_can_be_pickled():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    module = bridge.to_torch(mf.mlp([2, 3, 1]))
    assert torch.equal(torch.get_rng_state(), before)
    x = torch.ones(4, 2, dtype=torch.float64)
    assert torch.equal(pickle.loads(pickle.dumps(module))(x), module(x))


def test_single_precision_is_taken_as_it_is():
    net = mf.mlp([2, 3, 1], seed=1)
    state = bridge.to_torch(net).float().state_dict()
    bridge.from_state_dict(net, state)
    assert np.array_equal(net.parameters["W1"], state["dense1.weight"].numpy().T)


def without(name):
    return lambda state: state.pop(name)


def with_tensor(name, tensor):
    return lambda state: state.update({name: tensor})


REAL = "expected a tensor of real floats"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (without("gate1.beta"), ValueError, r"state: .*'gate1.beta'.* got (?!.*gate1.beta)"),
        (with_tensor("dense3.bias", torch.ones(1)), ValueError, "state: .* got .*'dense3.bias'"),
        (with_tensor("dense1.weight", torch.ones(2, 3)), ValueError, "dense1.weight"),
        (with_tensor("gate2.beta", torch.ones(())), ValueError, "gate2.beta"),
        (with_tensor("gate2.beta", torch.tensor([torch.nan])), ValueError, "gate2.beta"),
        (with_tensor("dense1.bias", torch.ones(3, dtype=torch.int64)), TypeError, REAL),
        (with_tensor("dense1.bias", torch.ones(3, dtype=torch.complex128)), TypeError, REAL),
        (with_tensor("dense1.bias", [1.0, 1.0, 1.0]), TypeError, f"dense1.bias: {REAL}"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, message):
    net = mf.mlp([2, 3, 1], trainable_beta=[False, True])
    before = bridge.to_state_dict(net)
    state = {name: tensor + 1 for name, tensor in before.items()}
    change(state)
    with pytest.raises(error, match=message):
        bridge.from_state_dict(net, state)
    assert same_state(net, before)


def test_other_things_than_networks_and_dicts_are_refused():
    for call in (bridge.to_torch, bridge.to_state_dict):
        with pytest.raises(TypeError, match=r"^net\b"):
            call(3)
    with pytest.raises(TypeError, match=r"^state\b"):
        bridge.from_state_dict(mf.mlp([2, 1]), 3)


def test_the_examples_of_the_docstrings():
    done = doctest.testmod(bridge)
    assert done.attempted > 8 and done.failed == 0


def test_importing_minifnn_does_not_load_torch_and_its_absence_is_said():
    code = """
import sys
import minifnn
print("torch" in sys.modules)
sys.modules["torch"] = None
try:
    import minifnn.torch
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "minifnn.torch needs PyTorch: pip install torch"]
