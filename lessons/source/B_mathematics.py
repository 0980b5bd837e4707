# %% [markdown]
# # Appendix B. The mathematics used
#
# Three tools that the lessons lean on, each with a check that you can run.

# %%
import numpy as np

import minifnn as mf

# %% [markdown]
# ## Cumulants
#
# Let a random number $j$ be drawn with weight $e^{\beta j}$, and let
# $Z(\beta)=\sum e^{\beta j}$. Then $\log Z$ is a machine that makes averages:
#
# $$\frac{d\log Z}{d\beta} = \frac{\sum j\,e^{\beta j}}{Z} = \langle j\rangle, \qquad
#   \frac{d^2\log Z}{d\beta^2} = \langle j^2\rangle - \langle j\rangle^2 .$$
#
# The $n$-th derivative is called the $n$-th cumulant, $\kappa_n$: mean, variance,
# the lopsidedness $\langle(j-\langle j\rangle)^3\rangle$, and so on. Cumulants of
# independent numbers add, because $\log Z$ of a product is a sum.
#
# For a gate $j = hs$ with $s\in\{0,1\}$: $\kappa_1 = hs$, $\kappa_2 = h^2w$,
# $\kappa_3 = h^3w(1-2s)$, where now $s$ is the mean state and $w = s(1-s)$. These
# are ESP and its first two derivatives in $\beta$:

# %%
h, beta = 1.3, 0.7
p = mf.energy.probabilities(h, beta)
j = h * np.array([0, 1])
mean = p @ j
print("by counting:", mean, p @ (j - mean) ** 2, p @ (j - mean) ** 3)
d = mf.activations.esp.derivatives(h, beta)
print("by formula: ", d.f, d.beta, d.betabeta)

# %% [markdown]
# ## The saddle point
#
# An integral $\int e^{N f(x)}\,dx$ with a large $N$ is all peak: only the
# neighbourhood of the maximum $x_0$ counts, and there
# $f(x) \approx f(x_0) - \tfrac12|f''(x_0)|(x-x_0)^2$. The integral of that bell is
#
# $$\int e^{Nf(x)}\,dx \approx e^{N f(x_0)}\sqrt{\frac{2\pi}{N|f''(x_0)|}},
#   \qquad \frac1N\log\int \to f(x_0).$$
#
# Lesson 4 needs the last statement only: to leading order, the logarithm of an
# integral is the exponent at its stationary point. Here is how fast it becomes
# true, for $f = \log x - x$, whose integral is $N!/N^{N+1}$:

# %%
x = np.linspace(1e-6, 12, 200_001)
for N in (1, 10, 100, 1000):
    integrand = np.exp(N * (np.log(x) - x + 1))  # the maximum, at x = 1, is -1
    integral = integrand.sum() * (x[1] - x[0])
    print(f"N = {N:5}   integral/saddle point = {integral / np.sqrt(2 * np.pi / N):.5f}")

# %% [markdown]
# ## Kronecker products
#
# If a matrix of parameters $W$ acts on an input $a$, its gradient for one sample
# is the outer product $a\,\delta^T$: entry $(j,i)$ is $a_j\delta_i$. Second
# derivatives have two pairs of indices, and within a layer they factor again:
#
# $$\frac{\partial^2 L}{\partial W_{ji}\,\partial W_{j'i'}} = a_j a_{j'}\,S_{ii'} .$$
#
# Written as a matrix with rows $(j,i)$ and columns $(j',i')$, that is the
# **Kronecker product** $aa^T\otimes S$. Why it matters: with $p$ inputs and $I$
# units, $aa^T$ has $p^2$ entries and $S$ has $I^2$, but the product has $(pI)^2$. A
# sum over samples of Kronecker products is not one itself, but it is still a matrix
# product, over samples, of all entries of $S$ with all entries of $aa^T$.

# %%
rng = np.random.default_rng(0)
a, S = rng.normal(size=(5, 3)), rng.normal(size=(5, 2, 2))  # five samples
one_by_one = sum(np.kron(np.outer(a[n], a[n]), S[n]) for n in range(5))
aa = (a[:, :, None] * a[:, None, :]).reshape(5, 9)
at_once = (aa.T @ S.reshape(5, 4)).reshape(3, 3, 2, 2).transpose(0, 2, 1, 3).reshape(6, 6)
print("largest difference:", np.abs(one_by_one - at_once).max())
