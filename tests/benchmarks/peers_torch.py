"""The peers in PyTorch: float64, on the CPU, with as many threads as it takes by itself."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

CHUNK = 32  # rows of the Hessian at a time


def hessian(net, X, Y):
    """torch.func.hessian: all P columns at once."""
    loss, theta = loss_of(net, X, Y), torch.tensor(net.theta)
    return lambda: torch.func.hessian(loss)(theta)


def hessian_in_chunks(net, X, Y):
    """The derivative of the gradient, 32 rows at a time: little memory."""
    gradient, theta = torch.func.grad(loss_of(net, X, Y)), torch.tensor(net.theta)
    return lambda: torch.func.jacrev(gradient, chunk_size=CHUNK)(theta)


def hessian_row_by_row(net, X, Y):
    """torch.autograd.functional.hessian: a backward pass for every row."""
    loss, theta = loss_of(net, X, Y), torch.tensor(net.theta)
    return lambda: torch.autograd.functional.hessian(loss, theta)


def train(net, X, Y):
    """Return run(epochs) -> theta: autograd, and the Adam of `minifnn.Adam` on tensors."""
    loss = loss_of(net, X, Y)

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


def train_with_its_adam(net, X, Y):
    """Return run(epochs) -> theta: autograd and torch.optim.Adam, fused.

    Its eps is added to the corrected sqrt(v), so that its theta is another.
    """
    loss = loss_of(net, X, Y)

    def run(epochs):
        theta = torch.tensor(net.theta, requires_grad=True)
        adam = torch.optim.Adam([theta], lr=0.01, fused=True)
        for t in range(epochs):
            adam.param_groups[0]["lr"] = 0.01 * 0.9 ** (t / 500)
            adam.zero_grad()
            loss(theta).backward()
            adam.step()
        return theta.detach()

    return run


def loss_of(net, X, Y):
    """Return loss(theta): the network's formula, over the same flat theta."""
    X, Y, last = torch.tensor(X), torch.tensor(Y), len(net.sizes) - 1
    fixed = [torch.tensor(beta) for beta in net.betas]
    lengths = [at.stop - at.start for at in net.slices.values()]

    def loss(theta):
        pieces = zip(net.shapes.items(), torch.split(theta, lengths))
        p = {name: piece.view(shape) for (name, shape), piece in pieces}
        a = X
        for l in range(1, last + 1):
            h = torch.addmm(p[f"b{l}"], a, p[f"W{l}"])
            beta = p.get(f"beta{l}", fixed[l - 1])
            a = beta * h if l == last else h * torch.sigmoid(beta * h)
        return binary_cross_entropy_with_logits(a, Y)

    return loss
