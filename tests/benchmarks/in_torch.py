"""The peers in PyTorch: float64, on the CPU, with as many threads as it takes by itself."""

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from .problems import direction

CHUNK = 32  # rows of the Hessian at a time
GATES = {
    "esp": lambda h, beta: h * torch.sigmoid(beta * h),
    "relu": lambda h, beta: torch.relu(h),
    "scale": lambda h, beta: beta * h,
}
LOSSES = {"bernoulli": binary_cross_entropy_with_logits, "categorical": cross_entropy}


def loss_of(net):
    """Return loss(pieces, X, Y): the network's formula, over theta in its named pieces."""
    gates = [GATES[gate.activation.name] for _, gate in net.layers]
    fixed, value = [torch.tensor(beta) for beta in net.betas], LOSSES[net.loss_function.name]

    def loss(pieces, X, Y):
        p, a = dict(zip(net.shapes, pieces)), X
        for l, gate in enumerate(gates, 1):
            a = gate(torch.addmm(p[f"b{l}"], a, p[f"W{l}"]), p.get(f"beta{l}", fixed[l - 1]))
        return value(a, Y)

    return loss


def flat_loss_of(net, X, Y):
    """Return loss(theta), over the same flat theta as the network's."""
    loss, X, Y = loss_of(net), torch.tensor(X), torch.tensor(Y)
    lengths = [at.stop - at.start for at in net.slices.values()]

    def flat(theta):
        pieces = zip(torch.split(theta, lengths), net.shapes.values())
        return loss([piece.view(shape) for piece, shape in pieces], X, Y)

    return flat


def train(net, X, Y):
    """Autograd, and Adam on tensors: faster here than torch.optim.Adam."""
    loss = flat_loss_of(net, X, Y)

    def run(epochs):
        theta = torch.tensor(net.theta, requires_grad=True)
        m, v = torch.zeros_like(theta), torch.zeros_like(theta)
        for t in range(epochs):
            (g,) = torch.autograd.grad(loss(theta), theta)
            rate = 0.01 * 0.9 ** (t / 500) * (1 - 0.999 ** (t + 1)) ** 0.5 / (1 - 0.9 ** (t + 1))
            with torch.no_grad():
                m.lerp_(g, 0.1)
                v.lerp_(g * g, 0.001)
                theta.addcdiv_(m, v.sqrt().add_(1e-8), value=-rate)
        return theta.detach()

    return run


def train_batches(net, X, Y, size=128):
    """Autograd and torch.optim.Adam, fused; its eps is set so that its steps are the same."""
    loss, X, Y = loss_of(net), torch.tensor(X), torch.tensor(Y)

    def run(epochs):
        pieces = [torch.tensor(p, requires_grad=True) for p in net.parameters.values()]
        adam, rng, t = torch.optim.Adam(pieces, lr=0.001, fused=True), np.random.default_rng(0), 0
        for _ in range(epochs):
            for rows in torch.from_numpy(rng.permutation(len(X))).split(size):
                t += 1
                adam.param_groups[0]["eps"] = 1e-8 / (1 - 0.999**t) ** 0.5
                adam.zero_grad()
                loss(pieces, X[rows], Y[rows]).backward()
                adam.step()
        return torch.cat([piece.detach().flatten() for piece in pieces])

    return run


def hessian(net, X, Y):
    """torch.func.hessian: all P columns at once."""
    loss, theta = flat_loss_of(net, X, Y), torch.tensor(net.theta)
    return lambda: torch.func.hessian(loss)(theta)


def hessian_in_chunks(net, X, Y):
    """The derivative of the gradient, 32 rows at a time: little memory."""
    gradient, theta = torch.func.grad(flat_loss_of(net, X, Y)), torch.tensor(net.theta)
    return lambda: torch.func.jacrev(gradient, chunk_size=CHUNK)(theta)


def product(net, X, Y):
    """Forward, backward, and backward again through g . v."""
    loss, v = flat_loss_of(net, X, Y), torch.tensor(direction(net))
    theta = torch.tensor(net.theta, requires_grad=True)

    def call():
        (g,) = torch.autograd.grad(loss(theta), theta, create_graph=True)
        return torch.autograd.grad(g @ v, theta)[0]

    return call


def product_kept(net, X, Y):
    """The graph of the gradient is kept: only the second backward pass remains."""
    loss, v = flat_loss_of(net, X, Y), torch.tensor(direction(net))
    theta = torch.tensor(net.theta, requires_grad=True)
    (g,) = torch.autograd.grad(loss(theta), theta, create_graph=True)
    return lambda: torch.autograd.grad(g, theta, v, retain_graph=True)[0]


product_again = product_kept
