# %% [markdown]
# # 13. At the edge
#
# Lesson 7 says: gradient descent needs a rate below $2/\lambda_\text{max}$, or it
# diverges. Here are your gradient, your step and a rate of 2, on the non-linear
# task. (Every $\beta$ is fixed at 1, so there are 41 parameters.)

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
backward, descent_step = lesson.mine("5.4"), lesson.mine("7.1")


def start():
    return mf.mlp([2, 10, 1], "esp", trainable_beta=False, seed=1)


def gradient(net):
    """Your backward pass, without the gradients of the betas."""
    four = list(net.parameters.values())
    six = backward(X, Y, *four[:2], np.ones(10), *four[2:], np.ones(1))
    return np.concatenate([six[k].ravel() for k in (0, 1, 3, 4)])


# %%
def descend(rate, steps=3000, every=50):
    """The network, the loss at each step, and every so often theta."""
    net, losses, thetas = start(), [], []
    for t in range(steps):
        if t % every == 0:
            thetas.append(net.theta.copy())
        losses.append(net.loss(X, Y))
        net.theta = descent_step(net.theta, gradient(net), rate)
    return net, np.array(losses), thetas


runs = {rate: descend(rate) for rate in (1, 2, 4)}
for rate, (_, losses, _) in runs.items():
    up = np.mean(np.diff(losses) > 0)
    print(f"rate {rate}: loss {losses[-1]:.3f}, up in {up:.0%} of steps")

# %% tags=["hide-input"]
SHADES = {1: "#F4A582", 2: "#D55E00", 4: "#7F3300"}  # ESP's colour, by rate
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for rate, (_, losses, _) in runs.items():
    axes[0].plot(losses, color=SHADES[rate], lw=0.8, label=f"rate {rate}")
axes[0].set(xlabel="step", ylabel="loss (nats)", yscale="log")
axes[0].set_yticks([0.2, 0.3, 0.5, 1.0], ["0.2", "0.3", "0.5", "1"])
axes[0].set_yticks([], minor=True)
axes[0].legend()
part = np.arange(600, 680)
axes[1].plot(part, runs[4][1][part], ".-", color=SHADES[4], lw=0.8)
axes[1].set(xlabel="step", title="rate 4, eighty steps of it")
plt.show()

# %% [markdown]
# It does not diverge. Nor does it go down smoothly: with the larger rates it jumps
# up in nearly every second step, and still gets lower, for thousands of steps. And
# the larger rates end lower. What is going on? You have what it takes to find out:
# the Hessian of lesson 10.
#
# **You need** lesson 7 (descent, momentum, Adam), lesson 10 ($Hv$ and $H$) and,
# for one section, lesson 11. **Minutes**: 75. The two sections with a star may be
# skipped; they take 20 more.

# %% [markdown]
# ## Where is the edge?
#
# Recall the parabola, $L = \tfrac12\lambda x^2$, where $x$ is the distance from
# the bottom. A step gives $x\leftarrow(1-\eta\lambda)\,x$. It shrinks if
# $|1-\eta\lambda| < 1$, so the edge is $\lambda = 2/\eta$. Just above it $x$
# changes its sign at each step and grows.
#
# Momentum has a memory, $p \leftarrow \mu p - \eta\lambda x$ and
# $x\leftarrow x + p$. Where is *its* edge? To find out:
#
# 1. $p$ is the step before. Write $x_{t+1}$ by $x_t$ and $x_{t-1}$ only.
# 2. Put in $x_t = r^t$. You get $r^2 - (\_\_\_\_)\,r + \_\_\_\_ = 0$.
# 3. It diverges once $|r| > 1$. At the edge, a real root has reached $r =$ ____.
#
# **Exercise 13.1.** Give the edge: the largest $\lambda$ that does not diverge.

# %% exercise="13.1"

# %% [markdown]
# <details><summary>The blanks</summary>
#
# 1. $p = x_t - x_{t-1}$, so $x_{t+1} = (1+\mu-\eta\lambda)\,x_t - \mu\,x_{t-1}$.
# 2. $r^2 - (1+\mu-\eta\lambda)\,r + \mu = 0$.
# 3. $r = -1$, since it jumps from side to side: $1 + (1+\mu-\eta\lambda) + \mu = 0$.
#    (Complex roots do not diverge: their size is $\sqrt\mu < 1$.)
#
# $$\boxed{\lambda_\text{edge} = \frac{2 + 2\mu}{\eta}}$$
#
# </details>
#
# Momentum moves the edge *up*, by up to a factor of 2. Try it: a thousand steps of
# the library's momentum, one per cent below the edge, and one above.

# %%
edge = lesson.mine("13.1")
for share in (0.99, 1.01):
    x, momentum = np.array([1.0]), mf.Momentum(rate=0.4, momentum=0.9)
    for _ in range(1000):
        momentum.step(x, share * edge(0.4, 0.9) * x)
    print(f"curvature {share} of the edge: distance {abs(x[0]):.0e}")

# %% [markdown]
# ## Sharpness while you train
#
# The largest eigenvalue of the Hessian of a network is called its **sharpness**.
# Your three runs begin at the same place, where it is 0.6.
#
# **Prediction 13.2.** After 3,000 steps, what has a larger rate led to: more
# sharpness, less, or the same?

# %% predict="13.2"

# %% [markdown]
# Your three functions of lesson 10 in a network again, and your Hessian by
# columns. They measure every 50th step of the three runs.

# %% tags=["hide-input"]
field_dot = lesson.mine("10.1")
gate_back_dot = lesson.mine("10.2")
dense_back_dot = lesson.mine("10.3")


class MyDense(mf.layers.Dense):
    def forward_dot(self, x_dot, W_dot, b_dot):
        self.x_dot, self.W_dot = x_dot, W_dot
        return field_dot(self.x, self.W, x_dot, W_dot, b_dot)

    def backward_dot(self, dh_dot):
        moves = self.x_dot, self.W_dot, dh_dot
        done = dense_back_dot(self.x, self.W, self.dh, *moves)
        self.dW_dot, self.db_dot, dx_dot = done
        return dx_dot


# %% tags=["hide-input"]
class MyGate(mf.layers.Gate):
    def backward_dot(self, da_dot):
        f = self.f_h, self.f_beta, *self.curvatures
        f = [np.broadcast_to(each, da_dot.shape) for each in f]
        beta_dot = np.broadcast_to(self.beta_dot, da_dot.shape[1:])
        moves = self.da, da_dot, self.h_dot, beta_dot
        dh_dot, self.dbeta_dot = gate_back_dot(*moves, *f)
        return dh_dot


def with_my_lines(net):
    """A copy of the network whose second-order pass is yours."""
    net = net.copy()
    for dense, gate in net.layers:
        dense.__class__, gate.__class__ = MyDense, MyGate  # same theta
    return net


# %% tags=["hide-input"]
def hessian_times(net, X, Y):
    """The function v -> H v at the present theta."""
    net = with_my_lines(net)
    o = net.forward(X)
    net.backward(net.loss_function.gradient(o, Y))
    C = net.loss_function.curvature(o, Y)  # (N, K, K)

    def times(v):
        o_dot = net.forward_dot(np.zeros_like(X), v)
        return net.backward_dot(np.einsum("nij,nj->ni", C, o_dot))

    return times


def by_columns(net):
    times = hessian_times(net, X, Y)
    return np.column_stack([times(e) for e in np.eye(net.n_parameters)])


# %%
def sharpness(theta):
    return np.linalg.eigvalsh(by_columns(start().with_theta(theta)))[-1]


sharp = {rate: np.array([*map(sharpness, runs[rate][2])]) for rate in runs}
for rate, values in sharp.items():
    low, high = values[-20:].min(), values[-20:].max()
    print(f"rate {rate}: edge {edge(rate, 0):.2f},", end=" ")
    print(f"sharpness in the last 1000 steps {low:.2f} to {high:.2f}")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
for ax, (rate, values) in zip(axes, sharp.items()):
    ax.plot(50 * np.arange(len(values)), values, ".-", color=SHADES[rate])
    ax.axhline(edge(rate, 0), color="0.3", ls="--", label="2/rate")
    ax.set(title=f"rate {rate}", xlabel="step", ylim=(0, None))
axes[0].set_ylabel("sharpness")
axes[0].legend(loc="lower right")
plt.show()

# %%
ends = [np.mean(values[-20:]) for values in sharp.values()]
word = "less" if ends[2] < 0.8 * ends[0] else "the same"
lesson.reveal("13.2", "more" if ends[2] > 1.2 * ends[0] else word)

# %% [markdown]
# Twice the rate, half the sharpness; with the rate 4 it is even lower than at the
# start. The network goes to where its rate can just live: to the **edge of
# stability**. (We looked at each 50th step: always on the same side of the zigzag.
# So the points lie a little above the edge, or a little below.)
#
# What holds it there? Below the edge, going down in the loss leads to sharper
# places. (So it is in most networks; a general reason is not known.) Above it, $x$,
# the distance in the sharpest direction, grows and changes its sign at each step:
# the zigzag. On a parabola that would be the end. But in a network the sharpness
# differs from place to place. Let $y$ be another direction, and
#
# $$L = \tfrac12\,\lambda(y)\,x^2.$$
#
# The zigzag jumps between $x=a$ and $x=-a$. On paper: what is the slope in $x$ at
# each of the two ends, and what in $y$? To where do two steps together lead?
#
# <details><summary>Two steps of a zigzag</summary>
#
# In $x$ the slopes are $\lambda a$ and $-\lambda a$: together nothing. In $y$ both are
# $\tfrac{a^2}{2}\,\lambda'(y)$. Descent goes against it: to where $\lambda$ is smaller,
# and the valley wider. There the zigzag shrinks, and all begins again.
#
# </details>
#
# So the zigzag is in the sharp direction, and progress is made in others. See forty
# more steps with rate 2. The table gives, along three eigenvectors, the $a$ of the
# zigzag and how far the forty steps lead, per step.

# %%
# A zigzag from -a to a and back has the second difference 4 a.
net = start().with_theta(runs[2][2][-1].copy())
eigenvalues, vectors = np.linalg.eigh(by_columns(net))
path = []
for _ in range(41):
    path.append(net.theta.copy())
    net.theta = descent_step(net.theta, gradient(net), 2)
path = np.array(path) @ vectors  # (41, P): along each eigenvector
zigzag = np.abs(np.diff(path, n=2, axis=0)).mean(axis=0) / 4
progress = np.abs(path[-1] - path[0]) / 40
print("eigenvalue      zigzag    progress per step")
for place in (1, 2, 20):
    print(f"{eigenvalues[-place]:10.5f}", end="  ")
    print(f"{zigzag[-place]:10.7f}  {progress[-place]:10.7f}")

# %% [markdown]
# ## What about Adam?
#
# Adam divides each entry of its step by a number of its own, $s_i$: the root of the
# running mean of $g_i^2$. Leave its memory out for now. Then a step changes
# $\theta_i$ by $-\eta\, g_i/s_i$. What is the sharpness that counts for *it*?
#
# Measure each parameter in a unit of its own, $z_i = c_i\,\theta_i$, such that
# Adam's step is plain gradient descent in $z$:
#
# 1. The slope in $z_i$ is $g_i$ / ____. So descent changes $z_i$ by $-\eta\,g_i$ /
#    ____, and $\theta_i$ by $-\eta\,g_i$ / ____.
# 2. This is Adam's step if $c_i =$ ____.
# 3. The Hessian in $z$ has the entries $H_{ij}$ / ____.
#
# **Exercise 13.3.** Write its largest eigenvalue.

# %% exercise="13.3"

# %% [markdown]
# <details><summary>The blanks</summary>
#
# 1. $c_i$, $c_i$ and $c_i^2$.
# 2. $\sqrt{s_i}$.
# 3. $c_i c_j$. So the Hessian in $z$ is
#
# $$\boxed{\frac{H_{ij}}{\sqrt{s_i\, s_j}}}$$
#
# </details>
#
# This is the **preconditioned sharpness**. And its edge? Adam has a memory too: the
# step takes $m$ for $g$, with $m\leftarrow b_1 m + (1-b_1)\,g$ and $b_1 = 0.9$.
# Compare it with momentum, $p\leftarrow\mu p - \eta g$: which $\mu$ has it, and
# which rate?
#
# **Exercise 13.4.** At which preconditioned sharpness is the edge of Adam, with
# $b_1 = 0.9$ and a rate of 0.01?

# %% exercise="13.4"

# %% [markdown]
# <details><summary>In general</summary>
#
# $p = -\eta m$ follows $p\leftarrow b_1 p - (1-b_1)\,\eta\,g$. So $\mu = b_1$, the
# rate is $(1-b_1)\,\eta$, and the edge
#
# $$\boxed{\frac{2+2b_1}{(1-b_1)\,\eta}}$$
#
# </details>
#
# Now let Adam run. Suppose that its own sharpness goes to its own edge. What becomes
# of the plain one?
#
# **Prediction 13.5.** Over 3,000 steps of Adam the *plain* sharpness falls, stays,
# or rises?

# %% predict="13.5"

# %%
preconditioned_sharpness = lesson.mine("13.3")
net, adam, record = start(), mf.Adam(0.01), []
for t in range(1, 3001):
    adam.step(net.theta, net.gradient(X, Y))
    if t % 50 == 0:
        H = mf.hessian(net, X, Y)
        s = np.sqrt(adam.v / (1 - 0.999**t)) + 1e-8
        both = np.linalg.eigvalsh(H)[-1], preconditioned_sharpness(H, s)
        record.append((t, *both))
steps, plain, seen = np.array(record).T
adam_loss = net.loss(X, Y)

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
axes[0].plot(steps, plain, color=SHADES[2])
axes[0].set(xlabel="step", ylabel="plain sharpness", ylim=(0, None))
axes[1].plot(steps, seen, color=SHADES[2])
adam_edge = edge((1 - 0.9) * 0.01, 0.9)
axes[1].axhline(adam_edge, color="0.3", ls="--", label="its edge")
axes[1].set(xlabel="step", ylabel="preconditioned", ylim=(0, None))
axes[1].legend(loc="lower right")
plt.show()

# %%
share = np.mean(seen[30:]) / adam_edge
print(f"preconditioned, last half: {share:.2f} of the edge")
rise = plain[-1] / plain[19]
print(f"plain: {plain[19]:.1f} after 1000 steps,", end=" ")
print(f"{plain[-1]:.1f} after 3000")
word = "rises" if rise > 1.2 else "falls" if rise < 1 / 1.2 else "stays"
lesson.reveal("13.5", word)

# %% [markdown]
# Gradient descent is kept out of sharp places. Adam is not. See the saw-tooth: above
# the edge, a zigzag makes the gradients much larger, $s$ grows, and the
# preconditioned sharpness falls *at once*, with the place still as sharp as before.
# Then $s$ forgets, and it begins again. So "the optimizer finds flat minima" depends on
# the optimizer.
#
# ## Newton has no edge
#
# Damped Newton, equation (7.7), divides the gradient along each eigenvector by
# $|\lambda| + d$, where $d$ is the damping.
#
# **Exercise 13.6.** On a parabola with curvature $\lambda$, by which factor does
# one step (with rate 1) multiply the distance $x$?

# %% exercise="13.6"

# %%
newton_factor = lesson.mine("13.6")
for eigenvalue in (-10.0, -0.001, 0.0, 0.001, 10.0, 1e6):
    factor = newton_factor(np.array([eigenvalue]), 0.001)[0]
    print(f"eigenvalue {eigenvalue:9g}: distance times {factor:.3f}")

# %% [markdown]
# <details><summary>The formula</summary>
#
# The gradient is $\lambda x$, so $x\leftarrow x - \lambda x/(|\lambda|+d)$:
#
# $$\boxed{1 - \frac{\lambda}{|\lambda| + d}}$$
#
# </details>
#
# For $\lambda > 0$ it lies between 0 and 1, *whatever* the sharpness: there is no
# zigzag. For $\lambda < 0$ it lies between 1 and 2: away from the ridge, as it
# should be. The price is a Hessian and its eigenvectors per step. Now all rules on
# the same network from the same start. Which will end at the sharpest place, and
# which with the lowest loss? (Adam has no edge for the plain sharpness.)

# %%
rules = [
    ("descent, rate 2", mf.GradientDescent(2), 3000, edge(2, 0)),
    ("momentum, 0.4", mf.Momentum(0.4, 0.9), 3000, edge(0.4, 0.9)),
    ("Newton, d = 0.001", mf.DampedNewton(0.001), 300, np.inf),
]
print(f"{'':18} steps   loss  sharpness  edge")
for name, rule, epochs, its_edge in rules:
    net = start()
    mf.train(net, X, Y, epochs, rule, record=[epochs - 1])
    sharpest = np.linalg.eigvalsh(mf.hessian(net, X, Y))[-1]
    print(f"{name:18} {epochs:5d}  {net.loss(X, Y):.3f}", end="  ")
    print(f"{sharpest:9.2f} {its_edge:5.1f}")
print(f"{'Adam, 0.01':18}  3000  {adam_loss:.3f}  {plain[-1]:9.2f}")

# %% [markdown]
# Here the sharpest of the four places has the lowest loss. (On the training
# data. Whether sharp is also *bad* on new data is a question for lesson 14.)
#
# ## How far does the parabola reach?
#
# The Hessian describes the loss *near* a point. How near? Take the network that
# gradient descent with rate 2 has made. Walk along the direction of the most
# negative curvature, 5 units of length to either side. ($\theta$ itself has a
# length of about 30.)
#
# **Prediction 13.7.** Compared with the loss here, the loss there is lower on both
# sides, lower on one, or higher on both?

# %% predict="13.7"

# %%
net = runs[2][0]
eigenvalues, vectors = np.linalg.eigh(by_columns(net))
v, here = vectors[:, 0], net.loss(X, Y)
print(f"length of theta {np.linalg.norm(net.theta):.1f},", end=" ")
print(f"lowest eigenvalue {eigenvalues[0]:.4f}")
change = {}
for t in (-5, -0.3, 0.3, 5):
    change[t] = net.with_theta(net.theta + t * v).loss(X, Y) - here
    print(f"t = {t:4}: loss changes by {change[t]:+.5f}", end=", ")
    print(f"the bend alone says {t * t * eigenvalues[0] / 2:+.5f}")
lower = int(change[-5] < 0) + int(change[5] < 0)
words = "higher on both", "lower on one", "lower on both"
lesson.reveal("13.7", words[lower])

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
t, slope = np.linspace(-1.5, 1.5, 121), gradient(net)
for ax, k in zip(axes, (-1, 0)):
    v, bend = vectors[:, k], eigenvalues[k]
    walk = [net.with_theta(net.theta + one * v).loss(X, Y) for one in t]
    ax.plot(t, walk, color=SHADES[2], label="loss")
    parabola = here + t * (slope @ v) + t**2 * bend / 2
    ax.plot(t, parabola, ":", color="0.3", label="slope and bend alone")
    ax.set(title=f"along the eigenvalue {bend:.3f}", xlabel="distance t")
axes[0].set_ylabel("loss (nats)")
axes[0].legend()
plt.show()

# %% [markdown]
# Both parabolas hold for half a unit or so. In the sharp direction that is far: the
# loss rises by half. In the negative one it is next to nothing: the loss falls by one
# per cent, and bends up again. There is a *way* down, but only a short one. That is
# why `mf.DampedNewton` also limits the length of its steps.
#
# ## ★ Flat, in which units?
#
# Take a ReLU network. Multiply the incoming weights and biases of all hidden
# units by 10, and divide the outgoing weights by 10. The outputs stay the same
# (lesson 8).
#
# **Prediction 13.8.** What else stays the same: the sharpness, the signs of the
# eigenvalues, both, or neither?

# %% predict="13.8"

# %%
relu = mf.mlp([2, 10, 1], hidden="relu", seed=1)
mf.train(relu, X, Y, 2300, mf.Adam(0.01, decay=(0.9, 500)), record=[2299])
for c in (1, 3, 10):
    scaled = relu.copy()
    for name, factor in (("W1", c), ("b1", c), ("W2", 1 / c)):
        scaled.parameters[name] = factor * relu.parameters[name]
    found = mf.spectrum(mf.hessian(scaled, X, Y))
    negative = int(np.sum(found.eigenvalues < -found.tolerance))
    apart = np.abs(scaled.logits(X) - relu.logits(X)).max()
    print(f"c = {c:2d}: outputs differ by {apart:.0e},", end=" ")
    print(f"sharpness {found.sharpness:5.1f}, {negative} negative")
lesson.reveal("13.8")

# %% [markdown]
# The same function: a little flatter with $c=3$, several times as sharp with
# $c=10$. So whoever says "flat minima generalize" has to say in which units. (For
# gradient descent they are fixed: its rate is one number for all parameters. A
# network at its edge that you scale in this way is no longer at the edge.)
#
# ## ★ One sharp direction per class?
#
# In large classifiers a few eigenvalues stand apart from all the rest, about as
# many as there are classes. Is it so here? Take the digits 0 to $K-1$, softmax,
# ten hidden units, 300 epochs.
#
# **Prediction 13.9.** For $K = 5$ classes, how many eigenvalues stand apart? (As
# a measure: after which one does the next fall by the largest factor?)

# %% predict="13.9"

# %%
digits = mf.datasets.digits()
labels, largest = digits.Y_train.argmax(axis=1), {}
for K in (2, 3, 5, 10):
    some = labels < K
    pixels, classes = digits.X_train[some], digits.Y_train[some, :K]
    net = mf.mlp([64, 10, K], "esp", "softmax", seed=1)
    mf.train(net, pixels, classes, 300, record=[299])
    values = np.linalg.eigvalsh(mf.hessian(net, pixels, classes))[::-1]
    values = values[:30]
    falls = values[:-1] / values[1:]
    largest[K] = values, 1 + int(falls.argmax())
    print(f"{K:2d} classes: largest fall after number", end=" ")
    print(f"{largest[K][1]}, by a factor of {falls.max():.1f}")
lesson.reveal("13.9", largest[5][1])

# %% tags=["hide-input"]
look = {"sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 4, figsize=(11, 2.9), **look)
numbers = 1 + np.arange(30)
for ax, (K, (values, _)) in zip(axes, largest.items()):
    ax.semilogy(numbers, values / values[0], "o", color="#D55E00", ms=4)
    ax.axvline(K - 0.5, color="0.3", ls="--", label="K − 1")
    ax.set(title=f"K = {K} classes", xlabel="number of the eigenvalue")
axes[0].set_ylabel("eigenvalue / largest")
axes[0].legend()
plt.show()

# %% [markdown]
# For a few classes it is $K - 1$, one less than the classes: softmax looks at
# differences of logits only. For all ten digits there is no clean gap in this small
# network: other falls are nearly as large. A rule of large networks, which small
# ones follow in part.
#
# ## Where no matrix fits
#
# A network 64-128-64-10 has 17,428 parameters. Its Hessian would take 2.4 GB. But
# you have $Hv$, and for the *largest* eigenvalues that is enough.
#
# Idea (Lanczos): start with any $q_1$ of length 1. $Hq_1$ has a part along $q_1$,
# and a rest; call the direction of the rest $q_2$. $Hq_2$ has a part along
# $q_1$, one along $q_2$, and a rest, along $q_3$. And so on. $Hq_k$ reaches back
# *no further than one*: its part along $q_j$ is $q_j^T H q_k = q_k^T H q_j$, because
# $H$ is symmetric, and $Hq_j$ has parts along $q_1$ to $q_{j+1}$ only. So
#
# $$H q_k = n_{k-1}\,q_{k-1} + a_k\, q_k + n_k\, q_{k+1}.$$
#
# So in these directions $H$ is a narrow matrix $T$: $a$ on its diagonal, $n$ on
# both sides of it, zero elsewhere. Its extreme eigenvalues soon agree with those of $H$.
# All $q$ have length 1 and are orthogonal to each other. What are $a_k$ and $n_k$?
#
# **Exercise 13.10.** Write one step. (If you name what is left of $Hq_k$ `rest`,
# the check can look at it too.)

# %% exercise="13.10"

# %% [markdown]
# <details><summary>In words</summary>
#
# Multiply by $q_k$ from the left: $a_k = q_k^T H q_k$. Take the two known parts
# away from $Hq_k$; the rest is $n_k q_{k+1}$, and $n_k$ is its length.
#
# </details>
#
# Your Lanczos with your $Hv$, on 500 digits:

# %%
lanczos_step = lesson.mine("13.10")


def lanczos(times, v, steps):
    """The numbers on the diagonal of T, and beside it."""
    q, before, n = v / np.linalg.norm(v), np.zeros_like(v), 0.0
    diagonal, beside = [], []
    for _ in range(steps):
        a, n, following = lanczos_step(times(q), q, before, n)
        q, before = following, q
        diagonal.append(a)
        beside.append(n)
    return diagonal, beside


# %%
digits = mf.datasets.digits()
big = mf.mlp([64, 128, 64, 10], "esp", "softmax", seed=1)
pixels, classes = digits.X_train[:500], digits.Y_train[:500]
mf.train(big, pixels, classes, 100, record=[99])
times = hessian_times(big, pixels, classes)
v = np.random.default_rng(0).normal(size=big.n_parameters)
diagonal, beside = lanczos(times, v, 40)
print(big)
for steps in (5, 10, 20, 40):
    n = beside[: steps - 1]
    T = np.diag(diagonal[:steps]) + np.diag(n, 1) + np.diag(n, -1)
    print(f"{steps:2d} products: largest", np.linalg.eigvalsh(T)[:-5:-1])

# %% [markdown]
# Ten products with a vector give the sharpness to many digits; a matrix would have
# needed 17,428. But look at the last two lines: the same number more than once. Has $H$
# this eigenvalue so often? No. They are *ghosts*. In exact arithmetic all $q$ are
# orthogonal. Rounding loses that as soon as an eigenvalue is found, and then it is
# found again. The library makes each $q$ orthogonal to all before, twice:

# %%
from minifnn.curvature.lanczos import lanczos_spectrum

operator = mf.hessian_operator(big, pixels, classes)
found = lanczos_spectrum(operator, extremes=3, steps=30, vectors=2)
print("largest ", found.largest[::-1])
print(f"         errors at most {found.residuals[1].max():.0e}")
print("smallest", found.smallest)

# %% [markdown]
# ## What you have now
#
# * Gradient descent goes to where its rate is just stable: sharpness $2/\eta$,
#   with momentum $(2+2\mu)/\eta$.
# * Adam's edge is one for $H_{ij}/\sqrt{s_is_j}$, and moves along; damped Newton
#   has none.
# * A negative curvature gives a way down, and a short one. Sizes of eigenvalues
#   depend on units, signs do not.
# * $Hv$ and Lanczos give the extreme eigenvalues where no matrix fits.
#
# **Where this stands.** [Cohen et al. (2021)](https://arxiv.org/abs/2103.00065)
# found the edge of stability in networks of all kinds, and with momentum;
# [Cohen et al. (2022)](https://arxiv.org/abs/2207.14484) that of Adam. [Damian et
# al. (2022)](https://arxiv.org/abs/2209.15594) explain by third derivatives why it
# is stable. The few eigenvalues apart are described by [Sagun et al.
# (2017)](https://arxiv.org/abs/1706.04454), [Papyan
# (2018)](https://arxiv.org/abs/1811.07062) and, with Lanczos on large networks,
# [Ghorbani et al. (2019)](https://arxiv.org/abs/1901.10159). That flatness needs a
# scale is the point of [Dinh et al. (2017)](https://arxiv.org/abs/1703.04933).
# Taking $|\lambda|$ in Newton's step is from [Dauphin et al.
# (2014)](https://arxiv.org/abs/1406.2572).

# %% [markdown]
# ## To think about
#
# With weight decay, $\tfrac{l}{2}|W|^2$ is added to the loss. What does it do to
# the sharpness, and to the largest rate?
#
# <details><summary>Answer</summary>
#
# $l$ is added to the diagonal of $H$ at the weights, so to the curvature along any
# direction of weights alone, and the edge comes nearer by as much. For usual
# $l$ that is little. Its other effect is larger: weights stay small, and with
# them the slopes. Lesson 14 takes it up.
#
# </details>
#
# Mini-batches (lesson 7): each step sees another loss. Would you expect the
# sharpness at $2/\eta$, above it, or below?
#
# <details><summary>Answer</summary>
#
# Below. The noise of the batches keeps the zigzag wide all the time, so that
# its push to flatter places is always there. Try it: `mf.train(...,
# batch_size=32)`.
#
# </details>
#
# Why does Lanczos find the largest eigenvalues first, and not those near 0?
#
# <details><summary>Answer</summary>
#
# The $q$ span $v, Hv, H^2v, \ldots$: polynomials of $H$, applied to $v$. These tell
# first those eigenvalues apart that stand alone, at either end of the spectrum. Those
# near 0 lie close together, and are told apart last.
#
# </details>
