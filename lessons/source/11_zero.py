# %% [markdown]
# # 11. How zero is zero?
#
# Two good programs look at one exact Hessian. The first finds about 9 negative
# eigenvalues. The second finds about 15. Which of them do you believe?
#
# Much depends on such counts. The paper
# ([arXiv:1805.08786](https://arxiv.org/abs/1805.08786)) describes the landscape
# of the loss by two numbers: $\alpha$, the fraction of **negative** eigenvalues
# of the Hessian, and $\gamma$, the fraction of **zero** eigenvalues. But a
# computer rounds. Is $-10^{-17}$ negative? Is it zero?
#
# In this lesson you find out what may be said about a sign, meet three kinds of
# zero, see which of these numbers belong to the network and which to the units
# in which you measure, and catch a published count that breaks a theorem.
#
# You need: lesson 10 (what the Hessian is), and eigenvalues of a symmetric
# matrix. About 75 minutes. The section with a star takes 10 more; you can skip it.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson
from minifnn.experiments import paper

# %% [markdown]
# ## One matrix, two answers
#
# A trained network: two inputs, ten ReLU units, one output; the *linear* task of
# the paper. It has $P = 41$ parameters, so its Hessian has 41 eigenvalues.

# %%
run = paper.Run("linear-10", "relu")
net, history = run.train()
X, Y = run.data().X_train, run.data().Y_train
H = mf.hessian(net, X, Y)
print(net)
print("exactly symmetric:", np.array_equal(H, H.T))

# %% [markdown]
# How many eigenvalues are negative? The first line uses NumPy's solver for *any*
# square matrix, the second its solver for *symmetric* ones.

# %%
print("eigvals :", np.sum(np.linalg.eigvals(H).real < 0), "of 41 are < 0")
print("eigvalsh:", np.sum(np.linalg.eigvalsh(H) < 0), "of 41 are < 0")

# %% [markdown]
# The second solver is made for such a matrix. So perhaps it is right. Test it:
# list the parameters in another *order*. The rows of $H$ change places, and its
# columns in the same way. No number changes, and in exact arithmetic the
# eigenvalues stay the same.
#
# **Prediction 11.1.** Take 200 such orders. How many different counts of negative
# eigenvalues does the symmetric solver give: always the same `"one"`, `"two"` of
# them, or `"many"`?

# %% predict="11.1"


# %%
def shuffled(H, rng):
    """The same Hessian, with its parameters in another order."""
    order = rng.permutation(len(H))
    return H[np.ix_(order, order)]


rng = np.random.default_rng(0)
same = [shuffled(H, rng) for _ in range(200)]
general = {int(np.sum(np.linalg.eigvals(one).real < 0)) for one in same}
symmetric = {int(np.sum(np.linalg.eigvalsh(one) < 0)) for one in same}
print("eigvals  says", sorted(general))
print("eigvalsh says", sorted(symmetric))
lesson.reveal("11.1", {1: "one", 2: "two"}.get(len(symmetric), "many"))

# %% [markdown]
# So some of these signs come from rounding, as if dice had been thrown. Which
# ones?

# %% [markdown]
# ## How far off is an eigenvalue?
#
# A good eigensolver gives the exact eigenvalues of a matrix *next to* $H$, of
# $H + E$, where $E$ holds the effect of all rounding. So there are two questions.
# How far does $E$ move an eigenvalue? And how large is $E$?
#
# **How far.** Take a direction $v$ of length 1. The curvature along it is
# $v^T H v$. The rounding adds $v^T E v$. Let $|E|_2$ be the largest size that this
# can have (for a symmetric $E$ it is its largest eigenvalue in absolute value). So
# *every* curvature changes by at most $|E|_2$.
#
# Curvatures alone give every eigenvalue. Let the eigenvalues ascend,
# $\lambda_1\le\lambda_2\le\dots\le\lambda_P$. The first, $\lambda_1$, is the least
# curvature of all, and the last, $\lambda_P$, is the largest. Those in between are
# given by the theorem of Courant and Fischer. Each subspace of $k$ dimensions has a
# largest curvature. The least of these is $\lambda_k$:
#
# $$\lambda_k = \min_{\text{subspaces of } k \text{ dimensions}}\
# \max_{v \text{ in it},\, |v|=1} v^T H v.$$
#
# If no curvature changes by more than $|E|_2$, then no maximum of curvatures
# does, and no minimum of these maxima. So **no eigenvalue of a symmetric matrix
# moves by more than $|E|_2$**. This is Weyl's theorem.

# %% [markdown]
# **How large.** One rounding changes a number by a share of at most
# $\epsilon = 2.2\cdot10^{-16}$. In a matrix of $P$ columns each result is a sum of up
# to $P$ terms, and each term brings its rounding. At worst all $P$ of them push the
# same way. How large is their sum, as a share of $|H|_2$? (The solver does many such
# sums, but rarely do all roundings agree: in practice this bound is safe.)
#
# There is one more $E$. If $H$ was computed with an error $\mathrm dH$ of size
# $|\mathrm dH|_2$, this moves the eigenvalues as well.
#
# **Exercise 11.2.** How far off can a computed eigenvalue be, at worst? Call it
# $\tau$. You have only the eigenvalues, the size `error` of $\mathrm dH$, and the
# machine's $\epsilon$ (an argument, so that you can try a coarser machine).

# %% exercise="11.2"

# %% [markdown]
# $$\boxed{\tau = P\,\epsilon\,|H|_2 + |\mathrm{d}H|_2} \tag{11.1}$$
#
# How large is $\mathrm dH$ here? $H$ is a sum over samples. Add them up in another
# order, and see how far $H$ moves:

# %%
rounding_bound = lesson.mine("11.2")
eigenvalues = np.linalg.eigvalsh(H)
tau = rounding_bound(eigenvalues, 0.0, np.finfo(float).eps)
order = rng.permutation(len(X))
moved = mf.hessian(net, X[order], Y[order]) - H
dH = mf.hessian_error(net, X, Y)
print("tau without dH     :", tau, " library:", mf.spectrum(H).tolerance)
print("H moves, in 2-norm :", np.linalg.norm(moved, 2))
print("bound of |dH|      :", dH)

# %% [markdown]
# $H$ moved more than a hundred times less than $\tau$. But that is a measurement,
# not a theorem. Where large terms of opposite sign cancel in the sum over samples,
# $|\mathrm dH|_2$ can be far larger than $P\epsilon|H|_2$. So the library has a
# cautious bound of it, `mf.hessian_error`, and `mf.spectrum(H, dH)` adds it. We
# leave it out at first, and then ask what it changes.
#
# Is $\tau$ large enough? Compare the 200 orders:

# %%
answers = np.array([np.linalg.eigvalsh(one) for one in same])  # (200, P)
print("largest spread of one eigenvalue:", np.ptp(answers, axis=0).max())

# %% [markdown]
# $\tau$ is about five times as large. Now look at the answers of 40 orders. Each order has one
# column, with a dot for each of its eigenvalues. The grey band is $[-\tau,\tau]$.
# On the left the axis is logarithmic outside the band. On the right you look
# into the *middle* of the band.

# %% tags=["hide-input"]
fig, both = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
ax, near = both
place = np.repeat(np.arange(1, 41), len(H)).reshape(40, -1)
band = {"color": "0.85", "label": "[−τ, τ]: no certain sign"}
look = {"color": mf.plots.COLOURS["relu"], "markersize": 3}
ax.axhspan(-tau, tau, **band)
ax.plot(place.ravel(), answers[:40].ravel(), ".", **look)
ax.set_yscale("symlog", linthresh=tau)
ax.set_yticks([-1e-3, -1e-8, 0, 1e-8, 1e-3, 1])
ax.legend(loc="upper center", frameon=False)
ax.set(ylim=(-1, 1e5), ylabel="eigenvalue λ (nats)", title="all 41")
near.set_facecolor("0.85")
near.plot(place.ravel(), 1e16 * answers[:40].ravel(), ".", **look)
near.axhline(0, color="black", linewidth=0.6)
near.set(ylim=(-15, 15), ylabel="λ / $10^{-16}$")
near.set_title("the middle of the band")
for each in both:
    each.set_xlabel("order of the parameters, 1 to 40")
plt.show()

# %% [markdown]
# Outside the band you see horizontal rows: each order gives the same eigenvalue.
# In its middle there are no rows, only a cloud around zero, and its dots are
# different in each column. Whoever counts $\lambda < 0$ counts the dots of the
# cloud that happen to lie below the line.
#
# One row lies inside the band, near its upper edge: about $3.4\cdot10^{-14}$ in each
# order. It may well be positive, but nobody has shown it: $\tau$ is the largest
# error that is *possible*, and most errors are smaller. So the rule is careful:
# **an eigenvalue between $-\tau$ and $\tau$ has no certain sign.**

# %% [markdown]
# ## Alpha is an interval
#
# The true eigenvalue lies within $\tau$ of the computed one. A true eigenvalue of
# exactly 0 is not negative.
#
# **Exercise 11.3.** What are the least and the largest $\alpha$ that this allows?

# %% exercise="11.3"

# %% [markdown]
# An eigenvalue below $-\tau$ is certainly negative. One below $+\tau$ may be:
#
# $$\boxed{\frac{\#(\lambda < -\tau)}{P} \ \le\ \alpha\ \le\
# \frac{\#(\lambda < \tau)}{P}} \tag{11.2}$$
#
# And zero is what rounding cannot tell from zero:
#
# $$\boxed{\gamma = \#(|\lambda| \le \tau)/P} \tag{11.3}$$
#
# Are these the same in all 200 orders?

# %%
bounds_of_alpha = lesson.mine("11.3")
intervals = {tuple(map(float, bounds_of_alpha(a, tau))) for a in answers}
gammas = {float(np.mean(np.abs(a) <= tau)) for a in answers}
print("alpha is between", intervals)
print("gamma is        ", gammas)
certain = int(np.sum(eigenvalues < -tau))
print("certainly negative:", certain, "of 41")
s = mf.spectrum(H, dH)
print("with the bound of |dH|:", s.alpha_bounds, s.gamma)

# %% [markdown]
# Two hundred orders, one answer. The interval is wide, and that is honest: this
# Hessian has many zeros, and their signs are not known. In the library these are
# `alpha_bounds` and `gamma` of `mf.spectrum(H)`. The bound of $|\mathrm dH|_2$ makes
# $\tau$ about twice as large here, and changes none of them. Why are there so many
# zeros?

# %% [markdown]
# ## The first zero: structural
#
# Some zeros are there because a theorem says so. Take a ReLU unit whose field $h$
# is negative for *every* sample. It is **dead**: it sends 0, and still does if
# you change any of its parameters a little.
#
# **Exercise 11.4.** The network above has 2 inputs, 1 output and 10 hidden units,
# of which 3 are dead. How many rows of its Hessian are exactly zero?

# %% exercise="11.4"

# %%
h = X @ net.parameters["W1"] + net.parameters["b1"]  # (N, 10)
dead = ~(h > 0).any(axis=0)
zero_row = ~H.any(axis=0)
labels = [label for label, zero in zip(net.labels, zero_row) if zero]
print("dead units:", dead.sum(), " zero rows:", zero_row.sum())
print(" ".join(labels))
print(f"share of zero rows: {zero_row.mean():.3f}")
print(f"gamma, (11.3):      {gammas.pop():.3f}")

# %% [markdown]
# Each zero row gives an eigenvalue that is exactly zero: no rounding, no choice.
# The $\gamma$ that the authors published for this kind of network, .488, is just
# this: 20 parameters of 41, which belong to five dead units. It says how many
# units died at their one seed, and nothing else about the landscape.
#
# Our $\gamma$ is larger than the share of the dead parameters. There are other
# zeros, of live units that see very few samples (see *To think about*).

# %% [markdown]
# ## The second and the third zero: numerical, and flat
#
# The second kind you know: $|\lambda|\le\tau$, not to be told from zero by this
# machine. A machine with more digits would tell. It is a fact about computing.
#
# The third kind is what people mostly *mean* by flat: an eigenvalue that is tiny
# beside the largest. Tiny is a choice: some share $r$ of the largest. So do not
# choose. Compute the fraction $\gamma(r)$ for every $r$, and draw a curve.
#
# **Exercise 11.5.** Write $\gamma(r)$, the fraction of eigenvalues whose size is at
# most $r$ times $|H|_2$, for many $r$ at once.

# %% exercise="11.5"

# %% [markdown]
# $$\boxed{\gamma(r) = \#(|\lambda| \le r\,|H|_2)/P} \tag{11.4}$$
#
# In the library it is `mf.spectrum(H).flat(r)`. Three networks, trained on the
# non-linear task as in the paper, and their curves:

# %%
flat_curve = lesson.mine("11.5")
trained, spectra = {}, {}
for name in ("esp", "relu", "sigmoid"):
    one = paper.Run("nonlinear-10", name)
    trained[name] = one.train()[0]
data = one.data()
for name, its in trained.items():
    spectra[name] = mf.spectrum(mf.hessian(its, data.X_train, data.Y_train))
print("           r = 1e-12   1e-6   1e-3   computed == 0")
for name, s in spectra.items():
    a, b, c = flat_curve(s.eigenvalues, np.array([1e-12, 1e-6, 1e-3]))
    exact = s.published.gamma
    print(f"{name:8s} {a:10.2f} {b:8.2f} {c:6.2f} {exact:10.2f}")
mf.plots.gamma_curve(spectra)
plt.show()

# %% [markdown]
# At $r = 10^{-12}$ only ReLU is flat, mostly by its dead units. At $10^{-6}$ ESP is flat
# as well, and sigmoid is not. At $10^{-3}$ all three are about equally flat.
# "ReLU is flat and the others are not" depends on what is called flat. So give the
# curve, or give $r$ with the number.
#
# Is the curve, then, a property of the network? One more test.

# %% [markdown]
# ## The same network in other units
#
# A ReLU unit sends $\max(h, 0)$ with $h = xw + b$. Multiply $w$ and $b$ by 10, and
# the unit sends 10 times as much. Divide its outgoing weights by 10, and nobody
# notices: the network gives the same outputs. Such a change is a **gauge**. It is
# as if you measured the activation in millimetres and not in centimetres.
#
# We do this to all ten hidden units of the ReLU network.

# %%
relu = trained["relu"]


def rescaled(values, c):
    """A copy: incoming weights and biases times c, outgoing / c."""
    values = values.copy()
    part = relu.split(values)  # named views
    part["W1"] *= c
    part["b1"] *= c
    part["W2"] /= c
    return values


ten = relu.with_theta(rescaled(relu.theta, 10.0))
gap = np.abs(ten.logits(data.X_train) - relu.logits(data.X_train)).max()
print("outputs differ by at most", gap)

# %% [markdown]
# **Prediction 11.6.** The same function, with other parameters. Which of these
# stays the same: only `"alpha"` (its interval), only `"gamma(r)"` at
# $r = 10^{-3}$, only the `"sharpness"` (the largest eigenvalue), `"all"`, or
# `"none"`?

# %% predict="11.6"

# %%
print("  c    alpha from   to     gamma(1e-6)  (1e-3)   sharpness")
by_scale = {}
for c in (0.1, 1.0, 10.0):
    other = relu.with_theta(rescaled(relu.theta, c))
    s = mf.spectrum(mf.hessian(other, data.X_train, data.Y_train))
    by_scale[c] = s
    (low, high), (a, b) = s.alpha_bounds, s.flat([1e-6, 1e-3])
    print(f"{c:5.1f} {low:10.3f} {high:8.3f} {a:10.2f} {b:10.2f}"
          f" {s.sharpness:12.1f}")  # fmt: skip
lesson.reveal("11.6")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
r = np.logspace(-16, 0, 321)
looks = ((0.1, ":", "0.5"), (1.0, "-", "#0072B2"), (10.0, "--", "black"))
for c, line, colour in looks:
    ax.plot(r, by_scale[c].flat(r), line, color=colour, label=f"c = {c:g}")
ax.set(xscale="log", xlim=(1e-16, 1), ylim=(0, 1.03))
ax.set(xlabel="share of the largest eigenvalue, r", ylabel="γ(r)")
ax.set_title("one function, three curves")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# Why does $\alpha$ stay, alone of the three? Write the gauge as a matrix: $\theta$
# goes to $G\theta$, where $G$ is diagonal. Its number $g_i$ is what parameter $i$ is
# multiplied by: $c$ for incoming weights and biases, $1/c$ for outgoing weights, 1
# for the bias of the output.
# The loss $L$ is the same at both points, for *every* $\theta$:
#
# $$L(\theta) = L(G\theta).$$
#
# Differentiate both sides in $\theta_i$. On the right parameter $i$ of $G\theta$
# moves $g_i$ times as far, so by the chain rule
#
# $$\frac{\partial L}{\partial\theta_i}(\theta)
# = g_i\,\frac{\partial L}{\partial\theta_i}(G\theta).$$
#
# **Exercise 11.7.** Differentiate once more, in $\theta_j$. What is the Hessian at
# $\theta$, if `H_moved` is the Hessian at $G\theta$ and `g` holds the $g_i$?

# %% exercise="11.7"

# %% [markdown]
# $$\boxed{H(\theta) = G^T\,H(G\theta)\,G}$$
#
# Your function against the Hessian itself:

# %%
back_to_theta = lesson.mine("11.7")
g = rescaled(np.ones(relu.n_parameters), 10.0)
H_relu = mf.hessian(relu, data.X_train, data.Y_train)
H_moved = mf.hessian(ten, data.X_train, data.Y_train)
error = np.abs(back_to_theta(H_moved, g) - H_relu).max()
print("largest difference:", error, " beside", np.abs(H_relu).max())

# %% [markdown]
# Now the signs. For every direction $v$
#
# $$v^T H(\theta)\,v = (Gv)^T H(G\theta)\,(Gv).$$
#
# If $v$ curves down at $\theta$, then $Gv$ curves down at $G\theta$. A subspace of
# $n$ dimensions in which everything curves down goes to a subspace of $n$
# dimensions in which everything curves down. So both Hessians have equally many
# negative eigenvalues, and for the same reason equally many positive and zero
# ones. This is **Sylvester's law of inertia**. It holds for any $G$ that has an
# inverse.

# %% [markdown]
# But $Gv$ is not as long as $v$. So the *sizes* of the eigenvalues change, and
# with them the sharpness, the trace and $\gamma(r)$.
#
# * $\alpha$ and the number of exact zeros do not depend on the gauge. (They do
#   depend on *which* parameters there are: the same function written with a
#   $\beta$ per unit and without has another $P$.)
# * $\gamma(r)$ and the sharpness are properties of the function **and of the units**
#   of its parameters. "At $10^{-6}$ ESP is flat and sigmoid is not" is partly a
#   statement about the scale of their weights.

# %% [markdown]
# ## How many negative eigenvalues can there be?
#
# For ReLU a theorem answers, and it will judge the counts. From lesson 10:
#
# $$H = \text{Gauss-Newton part} + \text{residual part}.$$
#
# The first is *positive semidefinite*: $v^T(\dots)v\ge0$ for every $v$. The second
# is residuals times second derivatives of the output. Take a network with **one**
# hidden layer of ReLU units, $D$ inputs and $K$ outputs, and look at one unit. It
# adds $\max(xw + b, 0)$ times its outgoing weights to the outputs. The second
# derivatives of this:
#
# * Twice in its $D+1$ incoming numbers $(w, b)$: 0, for ReLU is made of straight
#   pieces.
# * Twice in its $K$ outgoing weights: 0, for the output is linear in them.
# * Once in each: the numbers $(x, 1)$ where $h>0$, and 0 where $h<0$. Times the
#   residuals $e$ (one per output), and summed over the samples, this fills a block
#   of $D+1$ rows and $K$ columns:
#
# $$A = \frac1N\sum_{\text{samples with } h>0}\begin{pmatrix}x^T\\1\end{pmatrix} e.$$

# %% [markdown]
# Two different units share no second derivative. So the residual part is, unit by
# unit,
#
# $$\begin{pmatrix}0 & A\\ A^T & 0\end{pmatrix},
# \qquad\text{whose eigenvalues are } \pm\sigma_1, \pm\sigma_2, \dots
# \text{ and zeros},$$
#
# where $\sigma_1, \sigma_2, \dots$ are the singular values of $A$. (If $Av=\sigma u$
# and $A^Tu=\sigma v$, the block takes $(u, v)$ to $\sigma\,(u, v)$, and $(u, -v)$ to
# $-\sigma\,(u, -v)$.)
#
# **Exercise 11.8.** How many negative eigenvalues can $H$ have at most? Three steps.
# (1) How many negative eigenvalues can one block give? (2) What is $A$ for a dead
# unit? (3) What does adding a positive semidefinite matrix do to each eigenvalue?
# (Look at Courant and Fischer: every $v^T H v$ grows or stays.) Write the bound, from
# the fields `h` of the hidden layer. Of a live unit use only the shape of its $A$:
# the bound shall hold whatever the numbers in it are.

# %% exercise="11.8"

# %% [markdown]
# A matrix $A$ has at most $\min(K, D+1)$ singular values that are not zero. A dead
# unit has $A = 0$. Adding a positive semidefinite matrix lowers no eigenvalue. So:
#
# > **No more negative eigenvalues than $\min(K, D+1)$ for each live unit.**
#
# For the first network of this lesson, and for its whole training, count in three
# ways: in the published way (general solver, `< 0`), with the symmetric solver and `< 0`,
# and the certain ones, $\lambda < -\tau$, by your functions.

# %%
most_negative = lesson.mine("11.8")
eps = np.finfo(float).eps
counts, bound = [], []
for theta in history["theta"]:
    then = net.with_theta(theta.copy())
    H_then = mf.hessian(then, X, Y)
    h = X @ then.parameters["W1"] + then.parameters["b1"]
    bound.append(most_negative(h, 2, 1))
    general = np.linalg.eigvals(H_then).real
    symmetric = np.linalg.eigvalsh(H_then)
    least = bounds_of_alpha(symmetric, rounding_bound(symmetric, 0, eps))[0]
    row = (np.sum(general < 0), np.sum(symmetric < 0), round(41 * least))
    counts.append(row)
counts, bound = np.array(counts), np.array(bound)
names = ("the published way", "symmetric solver, < 0", "certain: < −τ")
for name, column in zip(names, counts.T):
    broken = np.sum(column > bound)
    print(f"{name:22s} breaks it at {broken:2d} of {len(bound)} epochs")
print("at the end: certain", counts[-1, 2], " bound", bound[-1])

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
styles = (("x", "0.35"), ("+", "0.65"), ("o", mf.plots.COLOURS["relu"]))
for column, name, (marker, colour) in zip(counts.T, names, styles):
    look = {"color": colour, "label": name, "markersize": 5}
    ax.plot(history["epoch"], column, marker, **look)
look = {"color": "black", "linewidth": 1, "label": "the bound: live units"}
ax.plot(history["epoch"], bound, **look)
ax.set(xlabel="epoch", ylabel="negative eigenvalues, of 41", ylim=(0, 29))
ax.legend(ncols=2, frameon=False, fontsize="small", loc="upper center")
plt.show()

# %% [markdown]
# The certain count reaches the bound and never crosses it. A bare `< 0` crosses
# it with either solver. But this is our network. What of the published one? The
# authors recorded $\alpha$ and $\gamma$ at 36 epochs. Times 41, they are counts:

# %%
negative = [10, 8, 12, 10, 8, 9, 7, 9, 9, 8, 7, 7, 8, 7, 6, 5, 4, 7]
negative += [6, 7, 8, 6, 6, 5, 4, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4]
zero = np.array([16] + 35 * [20])  # four for each dead unit
live = 10 - zero // 4
print("more than the live units:", np.sum(negative > live), "of 36 epochs")
print("more than all ten units :", np.sum(np.array(negative) > 10))

# %% [markdown]
# At 21 of 36 epochs the published $\alpha$ is impossible (not at the last one). One of
# them, 12 of 41, is more than a network with ten units can have, dead or alive.
#
# So the slip was not so much the solver. It was to trust a sign that nobody can
# know. It is a natural slip: every number on the screen *has* a sign. Without the
# theorem, nobody would have seen it. That the authors published their Hessians is
# why it can be seen at all.

# %% [markdown]
# ## ★ A zero that comes with learning
#
# You can skip this section. ESP has a gauge as well. A unit sends
# $j = h\,\sigma(\beta h)$. Call its incoming weights $w$, its outgoing ones $q$:
#
# $$(w, b, \beta, q) \to (cw, cb, \beta/c, q/c).$$
#
# Then $h\to ch$, $\beta h$ stays, $j\to cj$, and $jq$ stays. For ESP, where nothing
# is dead, this makes exact zeros, but only at the end of training. Move along
# the gauge slowly, $c = 1 + t$ with a small $t$: the unit's parameters move in the
# direction $\xi = (w, b, -\beta, -q)$, and the loss stays. So
# $\nabla L\cdot\xi = 0$, at every $\theta$. Differentiate this in $\theta$. Both
# factors change; with $S$ diagonal, $+1$ at $w, b$ and $-1$ at $\beta, q$, and
# $\xi = S\theta$:
#
# $$H\xi = -S\,\nabla L.$$
#
# **At a critical point $\nabla L = 0$, so $H\xi = 0$: an exact zero eigenvalue for
# each gauge.** On the way there it is not zero, and falls with the gradient. The
# output gate has a trained $\beta$ too. Only $\beta h$ counts there, so it has its
# own gauge, $(w, b, \beta)\to(cw, cb,\beta/c)$, without outgoing weights.
#
# So a network with 3 ESP units and one output should end with 4 eigenvalues that go
# to zero. Train one: 2000 steps of Adam, then damped Newton steps (lesson 7).

# %%
small = mf.mlp([2, 3, 1], "esp", trainable_beta=True, seed=3)
task = mf.datasets.nonlinear()
points = task.X_train, task.Y_train
stages = [(2000, mf.Adam(0.02))] + [(50, mf.DampedNewton())] * 4
lengths, sizes = [], []
for epochs, optimizer in [(0, None), *stages]:
    if epochs:
        mf.train(small, *points, epochs, optimizer, record=[])
    H_small = mf.hessian(small, *points)
    lengths.append(np.linalg.norm(small.gradient(*points)))
    sizes.append(np.sort(np.abs(np.linalg.eigvalsh(H_small))))
lengths, sizes = np.array(lengths), np.array(sizes)
last = np.linalg.eigvals(H_small)
print("computed == 0:", np.sum(last == 0))
print("below 1e-9   :", np.sum(np.abs(last) < 1e-9))

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
grey, orange = {"color": "0.65"}, {"color": mf.plots.COLOURS["esp"]}
ax.loglog(lengths, sizes[:, 4:], "o-", markersize=3, linewidth=0.8, **grey)
ax.loglog(lengths, sizes[:, :4], "o-", markersize=4, **orange)
label = "size = length of the gradient"
ax.loglog(lengths, lengths, ":", color="black", label=label)
ax.plot([], [], "o-", label="the 4 smallest", **orange)
ax.plot([], [], "o-", label="the other 13", **grey)
ax.invert_xaxis()
ax.set(xlabel="length of the gradient |∇L|; training runs to the right")
ax.set_ylabel("size of an eigenvalue |λ|")
ax.legend(frameon=False, fontsize="small")
plt.show()

# %% [markdown]
# Four eigenvalues fall with the gradient, the other thirteen settle. **ESP networks
# do have exactly flat directions**, one per hidden unit and one for the output, at
# every critical point. The published count found $\gamma = 0$ for ESP: it asked for
# `== 0`, and a number that goes to zero is never quite there.

# %% [markdown]
# ## What you have now
#
# Back to the question: believe neither. Both programs work well, and both counts
# are counts of rounding. Here is what *can* be said, by your own functions, of the three networks
# from above:

# %%
print("          alpha from   to      gamma   gamma(1e-3), in these units")
for name, s in spectra.items():
    values = s.eigenvalues
    tau = rounding_bound(values, 0.0, eps)
    low, high = bounds_of_alpha(values, tau)
    zero = np.mean(np.abs(values) <= tau)
    flat = flat_curve(values, np.array([1e-3]))[0]
    print(f"{name:8s} {low:9.2f} {high:7.2f} {zero:9.2f} {flat:9.2f}")

# %% [markdown]
# * A computed eigenvalue is off by up to $\tau$. Inside $[-\tau,\tau]$ it has no
#   sign, and $\alpha$ is an interval.
# * Three zeros: **structural** (a theorem counts them), **numerical**
#   ($|\lambda|\le\tau$), and **flat** ($|\lambda|\le r|H|_2$, a curve).
# * A gauge changes the sizes of the eigenvalues and not their signs.
# * A count that breaks a theorem is wrong.
#
# > **Where this stands.** LAPACK's guide states the error of a symmetric eigenvalue
# > as a slowly growing function of $P$ times $\epsilon|H|_2$; our $P$ is a cautious
# > choice ([Users' Guide](https://www.netlib.org/lapack/lug/), error bounds). That
# > most eigenvalues of trained networks crowd around zero, with a few large ones
# > apart, was described by Sagun, Bottou and LeCun
# > ([2016](https://arxiv.org/abs/1611.07476)) and Sagun et al.
# > ([2017](https://arxiv.org/abs/1706.04454)). Dinh et al.
# > ([2017](https://arxiv.org/abs/1703.04933)) used the gauge of ReLU as you did:
# > one function has minima as sharp as you like, so flatness as a bare number
# > explains little.
#
# **To think about**
#
# 1. The ReLU network has more zeros than the 12 of its dead units. Why? (What can
#    a unit learn that sees a single sample?)
#
# <details><summary>Answer</summary>
#
# If a unit is live for one sample only, its field is one number,
# $h = x_1w_1 + x_2w_2 + b$. The loss depends on its three incoming numbers through
# $h$ alone. Two of the three directions change nothing: two structural zeros.
#
# </details>
#
# 2. Softmax looks at *differences* of logits only: add the same number to all of
#    them, and nothing changes. How many structural zeros does that give, in a
#    network with 5 units below the output?
#
# <details><summary>Answer</summary>
#
# Six. One number can be added to all output columns for each of the 5 incoming
# activations, and one for the bias: fan-in + 1 directions, at every $\theta$, trained
# or not.
#
# </details>
#
# 3. In a ReLU network of any depth, the Hessian's own block of each layer is
#    positive semidefinite ($f_{hh} = 0$). What does that say about $\alpha$?
#
# <details><summary>Answer</summary>
#
# Suppose there were more than $P - P_l$ negative eigenvalues, where layer $l$ has
# $P_l$ parameters. Their eigenvectors would span a subspace that must meet the
# $P_l$-dimensional space of layer $l$, where nothing curves down. So
# $\alpha\le1-\max_l P_l/P$.
#
# </details>
