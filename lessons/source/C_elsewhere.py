# %% [markdown]
# # Appendix C. From here to PyTorch and JAX
#
# Everything in these lessons was written by hand, so that you know what an
# automatic tool does for you. Here is the same network in two of them. The cells
# below run if you have the packages; nothing else in the lessons needs them.

# %%
import numpy as np

import minifnn as mf

net = mf.mlp([3, 4, 2], hidden="esp", output="sigmoid", beta=0.8, seed=0)
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 3)), rng.integers(0, 2, size=(20, 2)).astype(float)
by_hand = net.gradient(X, Y)
print("loss", net.loss(X, Y), " size of the gradient", np.linalg.norm(by_hand))

# %% [markdown]
# ## PyTorch
#
# The same forward pass, on tensors that remember what was done to them. ESP at
# $\beta = 1$ is called SiLU or Swish there. `backward()` then walks the record
# from the end: it is lesson 5, done by bookkeeping. Mind the shapes:
# `torch.nn.Linear` keeps $W$ as (out, in), the transpose of ours.


# %%
def in_torch(torch):
    """The gradient by torch.autograd, in the order of theta."""
    p = {k: torch.tensor(v.copy(), requires_grad=True) for k, v in net.parameters.items()}
    h = torch.tensor(X) @ p["W1"] + p["b1"]
    a = h * torch.sigmoid(p["beta1"] * h)
    o = p["beta2"] * (a @ p["W2"] + p["b2"])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(o, torch.tensor(Y))
    loss.backward()
    return np.concatenate([p[name].grad.numpy().ravel() for name in net.parameters])


# %%
try:
    import torch
except ImportError:
    print("PyTorch is not here; nothing is lost.")
else:
    print("PyTorch differs by", np.abs(in_torch(torch) - by_hand).max())

# %% [markdown]
# ## JAX
#
# JAX takes a *function* and gives its derivative as another function.
# `jax.grad` is lesson 5, `jax.jvp` of `jax.grad` is the product $Hv$ of lesson
# 10, `jax.hessian` the whole matrix: one forward derivative of the backward pass
# a column, as our `method="columns"`. It does not know that half of the work is
# the same twice. That is why the blocks by hand are faster.


# %%
def in_jax(jax):
    """Gradient and Hessian by jax, in the order of theta."""
    jnp = jax.numpy

    def loss(theta):
        p = {k: theta[where].reshape(net.shapes[k]) for k, where in net.slices.items()}
        h = X @ p["W1"] + p["b1"]
        a = h * jax.nn.sigmoid(p["beta1"] * h)
        o = p["beta2"] * (a @ p["W2"] + p["b2"])
        return jnp.mean(jnp.logaddexp(0.0, o) - Y * o)

    theta = jnp.array(net.theta)
    return np.array(jax.grad(loss)(theta)), np.array(jax.hessian(loss)(theta))


# %%
try:
    import jax
except ImportError:
    print("JAX is not here; nothing is lost.")
else:
    jax.config.update("jax_enable_x64", True)
    gradient, hessian = in_jax(jax)
    print("gradient differs by", np.abs(gradient - by_hand).max())
    print("Hessian differs by ", np.abs(hessian - mf.hessian(net, X, Y)).max())

# %% [markdown]
# ## What to take along
#
# * Their default is float32. For derivatives that you want to *check*, ask for
#   float64, as above.
# * A tool gives you the derivative of the program that you wrote, not of the
#   mathematics that you meant: `log(sigmoid(-1000))` is minus infinity there,
#   too. Write the loss on logits.
# * Check one gradient by the complex step or by differences before you trust a
#   new layer, whoever derived it.
# * When a training goes wrong, ask what you would ask here: which factor on the
#   way back is small, and who is dead?
