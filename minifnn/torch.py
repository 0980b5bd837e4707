"""The bridge to PyTorch: a network as a module, and its parameters in both directions.

PyTorch is imported here alone, and differentiates nothing: the module is for those who want to
continue there, or to compare. Its layers are named dense1, gate1, dense2, ...; its tensors

    dense1.weight (H, D)    W1 transposed: PyTorch computes h = x weight^T + bias
    dense1.bias (H,)        b1
    gate1.beta (H,)         beta1, a buffer where it is not trained

Import this module by its name, ``import minifnn.torch``.
"""

from collections.abc import Mapping

try:
    import torch
    from torch.nn.utils import skip_init
except ImportError as error:
    raise ImportError("minifnn.torch needs PyTorch: pip install torch") from error

from ._util.typing import Array
from ._util.validation import check_array, expect
from .network import Network, check_network

FORMULAS = {
    "sigmoid": lambda h, beta: torch.sigmoid(beta * h),  # (1.5)
    "tanh": lambda h, beta: torch.tanh(beta * h),  # (1.4)
    "esp": lambda h, beta: h * torch.sigmoid(beta * h),  # (2.1)
    "softplus": lambda h, beta: torch.logaddexp(0 * h, beta * h) / beta,  # (2.11)
    "relu": lambda h, beta: torch.relu(h),  # (2.9)
    "scale": lambda h, beta: beta * h,
    "identity": lambda h, beta: h,
}


class Gate(torch.nn.Module):
    """a = f(h; beta), elementwise.

    Parameters
    ----------
    activation : str
        "sigmoid", "tanh", "relu", "esp", "softplus", "scale" or "identity".
    beta : Tensor, shape (units,)
        Inverse noise of each unit.
    trained : bool
        Whether beta is a parameter; else it is a buffer.

    Examples
    --------
    >>> import torch
    >>> from minifnn.torch import Gate
    >>> gate = Gate("esp", torch.tensor([1.0, 1000.0]), trained=True)
    >>> gate(torch.tensor([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: str, beta: torch.Tensor, trained: bool) -> None:
        super().__init__()
        self.activation = activation
        if trained:
            self.beta = torch.nn.Parameter(beta)
        else:
            self.register_buffer("beta", beta)

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        """h (N, units) -> a (N, units)."""
        return FORMULAS[self.activation](h, self.beta)

    def extra_repr(self) -> str:
        """What print(module) shows."""
        trained = "trained" if isinstance(self.beta, torch.nn.Parameter) else "fixed"
        return f"{self.activation}, units={len(self.beta)}, beta {trained}"


def to_torch(net: Network) -> torch.nn.Sequential:
    """Return the network as a PyTorch module, whose forward pass gives ``net.logits(X)``.

    Logits for a sigmoid or softmax output, as PyTorch's losses on logits expect; values for the
    others. All is float64 and copied.

    Parameters
    ----------
    net : Network

    Returns
    -------
    torch.nn.Sequential
        Of torch.nn.Linear and `Gate`. A trained beta that its gate does not use (ReLU,
        identity) is a parameter too; its gradient is None there, and 0 here.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.torch import to_torch
    >>> to_torch(mf.mlp([2, 3, 1]))
    Sequential(
      (dense1): Linear(in_features=2, out_features=3, bias=True)
      (gate1): Gate(esp, units=3, beta trained)
      (dense2): Linear(in_features=3, out_features=1, bias=True)
      (gate2): Gate(scale, units=1, beta trained)
    )
    """
    module, state = torch.nn.Sequential(), to_state_dict(net)
    for name in net.gate_names:
        expect(name in FORMULAS, "net", "built-in activations only", name)
    rows = zip(net.sizes, net.sizes[1:], net.gate_names, net.trainable_beta)
    for l, (fan_in, fan_out, activation, trained) in enumerate(rows, start=1):
        dense = skip_init(torch.nn.Linear, fan_in, fan_out, dtype=torch.float64)  # draws nothing
        module.add_module(f"dense{l}", dense)
        module.add_module(f"gate{l}", Gate(activation, torch.empty(fan_out).double(), trained))
    module.load_state_dict(state)
    return module


def to_state_dict(net: Network) -> dict[str, torch.Tensor]:
    """Return the network's parameters, and its fixed betas, as PyTorch names them.

    Parameters
    ----------
    net : Network

    Returns
    -------
    dict of str to Tensor
        All float64 and copied; ``to_torch(net).load_state_dict`` takes it.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.torch import to_state_dict
    >>> {name: tuple(tensor.shape) for name, tensor in to_state_dict(mf.mlp([2, 1])).items()}
    {'dense1.weight': (1, 2), 'dense1.bias': (1,), 'gate1.beta': (1,)}
    """
    return {name: torch.tensor(view) for name, view in _views(net).items()}


def from_state_dict(net: Network, state: Mapping[str, torch.Tensor]) -> None:
    """Copy a state of PyTorch into a network, in place.

    Parameters
    ----------
    net : Network
        Of the same sizes; its theta and its fixed betas are changed.
    state : dict of str to Tensor
        With exactly the names and shapes of ``to_state_dict(net)``.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, or the tensor that is missing, unknown, of another type or shape, or
        not finite. The network is then unchanged.

    Examples
    --------
    >>> import minifnn as mf
    >>> from minifnn.torch import from_state_dict, to_torch
    >>> net, other = mf.mlp([2, 3, 1], seed=0), mf.mlp([2, 3, 1], seed=1)
    >>> from_state_dict(other, to_torch(net).state_dict())
    >>> bool((other.theta == net.theta).all())
    True
    """
    views = _views(net)
    expect(isinstance(state, Mapping), "state", "a dict of tensors", state, TypeError)
    expect(set(state) == set(views), "state", f"the tensors {list(views)}", list(state))
    arrays = {name: _array(name, state[name], view.shape) for name, view in views.items()}
    for name, view in views.items():
        view[...] = arrays[name]


def _views(net: Network) -> dict[str, Array]:
    """The arrays of a network by the names of PyTorch: writing to them writes to it."""
    views = {}
    for l, (dense, gate) in enumerate(check_network(net).layers, start=1):
        views[f"dense{l}.weight"] = dense.W.T
        views[f"dense{l}.bias"] = dense.b
        views[f"gate{l}.beta"] = gate.beta
    return views


def _array(name: str, tensor: torch.Tensor, shape: tuple[int, ...]) -> Array:
    """A tensor as a float64 array of this shape."""
    real = isinstance(tensor, torch.Tensor) and tensor.is_floating_point()
    expect(real, name, "a tensor of real floats", getattr(tensor, "dtype", tensor), TypeError)
    return check_array(name, tensor.detach().cpu().double().numpy(), shape)
