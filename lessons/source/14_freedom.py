# %% [markdown]
# # 14. Too much freedom
#
# Here are your backward pass, your loop and your Adam once more, with 20 ESP units.
# The task is new: two moons, but only 100 samples, and somebody has labelled them
# carelessly. About every tenth label is wrong.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

data = mf.datasets.moons(n=2500, noise=0.15, seed=5)
X, clean = data.X_train, data.Y_train  # 2000 samples
wrong = np.random.default_rng(5).random(clean.shape) < 0.1
Y = np.where(wrong, 1 - clean, clean)
TRAIN, VALID, TEST = slice(0, 100), slice(100, 200), slice(200, 2000)
print(wrong[TRAIN].sum(), "of the 100 labels are wrong")

# %%
backward = lesson.mine("5.4")
train = lesson.mine("7.3")
adam_step = lesson.mine("7.8")


def gradient_of(net):
    """Your gradient of the loss, for lesson 7's loop."""

    def gradient(theta, rows):
        parts = list(net.split(theta).values())
        fixed = [np.ones(1)] * (6 - len(parts))  # a beta that stays 1
        six = backward(X[rows], Y[rows], *parts, *fixed)
        return np.concatenate([one.ravel() for one in six[: len(parts)]])

    return gradient


# %%
def learn(net, gradient, epochs):
    """The path of theta with your loop and your Adam, at the rate 0.01."""
    m = v = np.zeros(len(net.theta))

    def step(theta, g, t):
        nonlocal m, v
        theta, m, v = adam_step(theta, m, v, g, t, 0.01)
        return theta

    orders = np.tile(np.arange(100), (epochs, 1))
    with np.errstate(over="ignore"):  # exp may be inf, and 1/inf is 0
        return train(net.theta, gradient, step, orders, 100)


net = mf.mlp([2, 20, 1], "esp", seed=5)
path = learn(net, gradient_of(net), 6000)
learnt = net.with_theta(path[-1])
print(f"loss {learnt.loss(X[TRAIN], Y[TRAIN]):.4f} nats,",
      f"right: {learnt.score(X[TRAIN], Y[TRAIN]):.0%}")  # fmt: skip

# %% [markdown]
# All labels right, nearly no loss.
#
# There are 1800 other samples from the same world, labelled as carelessly: the
# **test**. The network has never seen them. A coin, which says one half to
# everything, has the loss $\log 2 = 0.69$ nats.
#
# **Prediction 14.1.** Divide your network's test loss by a coin's. Is it below 1
# (`"lower"`), from 1 to 10 (`"up to ten times"`), or above 10
# (`"more than ten times"`)?

# %% predict="14.1"

# %%
test_loss = learnt.loss(X[TEST], Y[TEST])
labels, classes = (learnt.score(X[TEST], y[TEST]) for y in (Y, clean))
print(f"test loss {test_loss:.2f} nats; right: {labels:.0%} of the labels,",
      f"{classes:.0%} of the true classes")  # fmt: skip
coins = test_loss / np.log(2)
word = "more than ten times" if coins > 10 else "up to ten times"
lesson.reveal("14.1", "lower" if coins < 1 else word)


# %% tags=["hide-input"]
def draw(ax, net, title):
    """The network's border, with the 100 samples it was given."""
    x, y = X[TRAIN], Y[TRAIN]
    mf.plots.decision_boundary(net, x, y, ax=ax, colorbar=False)
    bad = wrong[TRAIN, 0]
    ax.plot(*x[bad].T, "o", ms=10, mfc="none", mec="black")
    ax.set_title(title, fontsize=10)


fig, ax = plt.subplots(figsize=(5.4, 3.6), layout="constrained")
draw(ax, learnt, "black circles: wrong labels")
plt.show()

# %% [markdown]
# It has learnt every label, the wrong ones too, and bent its border around them.
# Where it is wrong, it is wrong *and sure*. This is **overfitting**: 102 parameters
# for 100 samples leave too much freedom.
#
# What could have been reached? And how do you take freedom away?
#
# **You need** lessons 5 and 7, the gauge of lesson 8 and, for the section with a star,
# which you may skip, lessons 10 and 11. **Minutes**: 75.

# %% [markdown]
# ## What could be reached
#
# Suppose that you knew the true class of each sample. A share $q$ of the labels
# has been flipped, and you do not know which. Take the samples whose true class
# is 1. For all of them you say the same probability $p$ of the label 1. Fill in:
#
# * The label is 1 for the share ____ of them. Each costs $-\log p$.
# * It is 0 for the share ____. Each costs ____.
# * So the mean loss is ____. Its slope in $p$ is ____, which is 0 at $p=$ ____.
#
# **Exercise 14.2.** Which $p$ is best, and what is the mean loss then?

# %% exercise="14.2"

# %% [markdown]
# <details><summary>The blanks</summary>
#
# * $1-q$, and each costs $-\log p$.
# * $q$, and each costs $-\log(1-p)$.
# * $L = -(1-q)\log p - q\log(1-p)$, with the slope $-(1-q)/p + q/(1-p)$. It is 0 at
#
# $$p = 1 - q,\qquad\text{and there}\quad L = -(1-q)\log(1-q) - q\log q.$$
#
# </details>
#
# Nobody can do better *on average*. Call this loss the **floor**. With every tenth
# label flipped it is 0.325 nats. A training loss far below the floor is not
# knowledge: these labels have been learnt by heart.

# %%
best_guess = lesson.mine("14.2")
floor = best_guess(0.1)[1]
PARTS = {"training": TRAIN, "validation": VALID, "test": TEST}


def curves(net, path, every=25):
    """The loss of each part of the data, after every 25 epochs."""
    losses = {name: [] for name in PARTS}
    for theta in path[::every]:
        one = net.with_theta(theta)
        for name, part in PARTS.items():
            losses[name].append(one.loss(X[part], Y[part]))
    return losses


free = curves(net, path)

# %% tags=["hide-input"]
LOOK = {"training": ("-", "#0072B2"), "validation": (":", "0.45"),
        "test": ("-", "#D55E00")}  # fmt: skip


def draw_curves(ax, losses, every=25):
    for name, values in losses.items():
        line, colour = LOOK[name]
        epochs = every * np.arange(len(values)) + 1
        ax.plot(epochs, values, line, color=colour, label=name)
    ax.axhline(floor, color="black", ls="--", lw=0.8, label="floor")
    ax.set(xscale="log", yscale="log", xlabel="epoch", ylabel="loss (nats)")


fig, ax = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
draw_curves(ax, free)
ax.set(xlim=(20, 2000), ylim=(0.1, 4))
ax.set_yticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
ax.set_yticks([], minor=True)
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# At first both losses fall: what the samples have in common is learnt first. Then
# they part: the training loss goes on, through the floor, and the test loss rises.
#
# ## Stop!
#
# So stop where they part. But when is that? You must not look at the test for that: a
# number that was used to choose is no longer a test. Keep other samples aside, the
# **validation** samples, here 100. Their curve is rough, so do not stop at the first
# rise.
#
# The usual rule has a **patience**. Once `patience` losses in a row have *not* been
# lower than the lowest so far, stop, and go back to where the lowest was.
#
# **Exercise 14.3.** Write it. Return the index of that lowest loss. What comes
# after the stop has never been computed, so it must not count.

# %% exercise="14.3"

# %%
stop = lesson.mine("14.3")
n = stop(free["validation"], 20)  # 20 losses are 500 epochs
stopped = net.with_theta(path[25 * n])
classes = stopped.score(X[TEST], clean[TEST])
print(f"stop after epoch {25 * n + 1}: test loss {free['test'][n]:.3f},"
      f" right: {classes:.1%} of the true classes")  # fmt: skip

# %% [markdown]
# The loss is now not far above the floor, and nearly all true classes are right.
#
# ## Why does stopping help?
#
# In a valley, look at one direction. Let its curvature be $k$ and its bottom at
# $x=1$: $L = \tfrac k2(x-1)^2$. You start at $x=0$. (For a network, $k$ is an
# eigenvalue of the Hessian.)
#
# 1. Gradient descent with rate $\eta$. In one step $1-x$ is multiplied by ____. So
#    after $t$ steps the share of the way that you have gone is ____.
# 2. Instead of stopping, pull $x$ back to the start with a spring of stiffness
#    $\lambda$: the sum is $\tfrac k2(x-1)^2 + \tfrac\lambda2x^2$. Its slope is ____,
#    so it is lowest at $x =$ ____.
#
# **Exercise 14.4.** Both shares.

# %% exercise="14.4"

# %% [markdown]
# <details><summary>The blanks</summary>
#
# 1. $1-\eta k$. So the share of the way is $1-(1-\eta k)^t$, about $\eta t\,k$ if
#    $k$ is small.
# 2. $k(x-1)+\lambda x$, which is 0 at $x = k/(k+\lambda)$, about $k/\lambda$ if $k$
#    is small.
#
# </details>
#
# For small $k$, in flat directions, both shares are proportional to $k$, and they
# agree if $\lambda = 1/(\eta t)$. And for larger $k$?

# %% tags=["hide-input"]
two_shares = lesson.mine("14.4")
k = np.geomspace(1e-4, 10, 200)
fig, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
for t, shade in zip((10, 100, 1000), ("#56B4E9", "#0072B2", "#003366")):
    gone, held = two_shares(k, 0.1, t, 1 / (0.1 * t))
    ax.plot(k, gone, color=shade, label=f"{t} steps")
    ax.plot(k, held, "--", color=shade, label=f"λ = {1 / (0.1 * t):g}")
ax.set(xscale="log", xlabel="curvature k", ylabel="share of the way gone")
ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# Both let the steep directions go all the way,
# and hold the flat ones near the start. As a rule, steep is what many samples agree
# on, and flat is what a few wrong labels ask for. And the spring has an advantage: it
# need not be stopped in time.
#
# ## One more energy
#
# The weights start small, so pull towards 0 instead of towards the start. The sum to
# be made small is
#
# $$E(\theta) = L(\theta) + R(\theta),\qquad
#   R = \frac\lambda2\sum_{\text{weights}} w^2.$$
#
# This is called **weight decay**. In the language of lesson 4 the loss is an energy,
# and $e^{-N L}$ is how probable the labels are, given the network. In $e^{-NE}$
# there is one more factor for each weight, $e^{-N\lambda w^2/2}$: a Gaussian with mean
# 0 and variance $1/(N\lambda)$. That is a belief from before any sample was seen:
# weights are small. Training then finds the most probable weights, given both.
#
# Biases and betas are usually left out: a border may lie anywhere, and a gate may
# be as sure as it likes.
#
# **Exercise 14.5.** The new term, its gradient and its Hessian; in the code `dR` and
# `ddR`. On paper first: what is $\partial R/\partial w_1$? And
# $\partial^2R/\partial w_1\,\partial w_2$?

# %% exercise="14.5"

# %% [markdown]
# <details><summary>The formulas</summary>
#
# $\lambda w_1$, and 0. Let $M$ be the diagonal matrix with 1 for each weight and 0 for
# all else. With $g$ and $H$ of the loss, gradient and Hessian of the sum are
#
# $$\boxed{\;g + \lambda M\theta,\qquad H + \lambda M.\;}$$
#
# If all parameters were weights, every eigenvalue would grow by the same $\lambda$.
#
# </details>
#
# Check the gradient of the sum by the differences of lesson 6, before you trust
# it:

# %%
decay_term = lesson.mine("14.5")
differences = lesson.mine("6.1")


def with_decay(net, decay):
    """The sum E(theta), and its gradient for the loop."""
    weights = np.array([name.startswith("W") for name in net.labels])
    slope = gradient_of(net)

    def energy(theta):
        loss = net.with_theta(theta).loss(X[TRAIN], Y[TRAIN])
        return loss + decay_term(theta, decay, weights)[0]

    def gradient(theta, rows):
        return slope(theta, rows) + decay_term(theta, decay, weights)[1]

    return energy, gradient


# %%
energy, gradient = with_decay(net, 0.003)
measured = differences(energy, path[100], 1e-6)
error = gradient(path[100], np.arange(100)) - measured
print(f"largest difference {np.abs(error).max():.0e},",
      f"largest entry {np.abs(measured).max():.2f}")  # fmt: skip

# %% [markdown]
# ## Does the spring hold?
#
# The same network, the same start, with $\lambda=0.003$, for 20,000 epochs. Watch
# one more number: the $\beta$ of the output gate, $o=\beta_2h_2$. It starts at 1.
#
# **Prediction 14.6.** What does the output's $\beta$ do? It `"stays"` (between 0.5
# and 2), `"falls"` (below 0.5), or `"grows"` (above 2)?

# %% predict="14.6"

# %%
leaking = learn(net, gradient, 20_000)
sizes = {name: np.linalg.norm(leaking[::100, net.slices[name]], axis=1)
         for name in ("W1", "W2", "beta2")}  # fmt: skip
for n in (0, 10, 50, 199):
    one = net.with_theta(leaking[100 * n])
    found = ", ".join(f"|{name}| {sizes[name][n]:5.2f}" for name in sizes)
    print(f"epoch {100 * n + 1:5}: {found}, E {energy(one.theta):.3f},"
          f" test loss {one.loss(X[TEST], Y[TEST]):.2f}")  # fmt: skip
end = sizes["beta2"][-1]
word = "grows" if end > 2 else "falls" if end < 0.5 else "stays"
lesson.reveal("14.6", word)

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
draw_curves(axes[0], curves(net, leaking, 100), 100)
axes[0].legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
axes[0].set(xscale="linear", xlim=(0, 20_000), ylim=(0.05, 4))
axes[0].set_xticks(range(0, 20_001, 5000))
labels = "hidden weights, |W1|", "output's weights, |W2|", "output's β"
epochs = 100 * np.arange(200)
for size, line, label in zip(sizes.values(), ("-", "--", ":"), labels):
    axes[1].plot(epochs, size, line, color="black", label=label)
axes[1].set(yscale="log", xlabel="epoch", ylabel="size")
axes[1].legend(frameon=False)
plt.show()

# %% [markdown]
# The spring pulls, and the test loss rises all the same. The training has found a
# way around it, and you know it from lesson 8: a **gauge**. On paper: if $W_2$ is
# multiplied by $c$, what must become of $b_2$ and $\beta_2$, so that the network
# computes the same? What does this do to $L$, and what to the penalty of $W_2$?
#
# <details><summary>The way around</summary>
#
# $$(W_2,\; b_2,\; \beta_2)\ \to\ (cW_2,\; cb_2,\; \beta_2/c)$$
#
# $L$ is the same. The penalty of $W_2$ is $c^2$ times as much, and for $c\to0$ it is
# nothing.
#
# </details>
#
# What looked like a force can be avoided entirely, if only slowly. $W_1$ goes the same
# way: the gauge of a hidden unit moves its size into $W_2$, and from there into
# $\beta_2$. The remedy: keep the output's $\beta$ at 1.


# %%
def held(decay, epochs=4000):
    """A network whose output beta is fixed, trained with decay."""
    net = mf.mlp([2, 20, 1], "esp", trainable_beta=[True, False], seed=5)
    path = learn(net, with_decay(net, decay)[1], epochs)
    return net.with_theta(path[-1])


decays = (0, 0.0003, 0.001, 0.003, 0.01, 0.03)
nets = {decay: held(decay) for decay in decays}
print("losses: training, validation, test; true classes that are right")
for decay, one in nets.items():
    losses = [one.loss(X[part], Y[part]) for part in PARTS.values()]
    classes = one.score(X[TEST], clean[TEST])
    numbers = ", ".join(f"{each:.3f}" for each in losses)
    print(f"decay {decay:6}: losses {numbers}; right: {classes:.1%}")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.1), layout="constrained")
for ax, decay in zip(axes, (0, 0.003, 0.03)):
    draw(ax, nets[decay], f"λ = {decay}")
plt.show()

# %% [markdown]
# Now it holds. Too little decay, and the wrong labels win. Too much, and the
# border becomes a straight line. In between, the wrong labels are left alone. Choose
# $\lambda$ as you chose the epoch. By which column, and which one is it?
#
# <details><summary>Answer</summary>
#
# By that of the validation loss; the test loss is for the end. Its lowest number is
# at $\lambda=0.003$ in our run.
#
# </details>
#
# Is the best $\lambda$ of the table near $1/(\eta t)$ of the best stop? To see, stop
# plain gradient descent, again with $\beta_2=1$.
# (Adam divides each step by its running root, so its $t$ does not count here.) Guess
# first: if the rate is three times as high, how many steps does it take?

# %%
for rate in (0.1, 0.3):
    plain = mf.mlp([2, 20, 1], "esp", trainable_beta=[True, False], seed=5)
    marks = np.arange(0, round(1200 / rate), 50)
    rule = mf.GradientDescent(rate)
    epochs = marks[-1] + 1
    run = mf.train(plain, X[TRAIN], Y[TRAIN], epochs, rule, record=marks)
    found = [plain.with_theta(each).loss(X[VALID], Y[VALID])
             for each in run["theta"]]  # fmt: skip
    t = marks[np.argmin(found)] + 1
    way = rate * t
    print(f"rate {rate}: lowest {min(found):.3f} after {t} steps,",
          f"ηt = {way:.0f}, 1/(ηt) = {1 / way:.4f}")  # fmt: skip

# %% [markdown]
# A third of the steps: only $\eta t$ counts. And $1/(\eta t)$ lies in the valley of the
# table above, between 0.001 and 0.003. The lowest loss is not the same, though: the
# two agree in one quadratic valley near the start, and this network leaves it.

# %% [markdown]
# ## Decay decides the gauge
#
# A hidden ESP unit has a gauge too. With $w$ for its incoming weights, $v$ for the
# outgoing ones:
#
# $$(w,\; b,\; \beta,\; v)\ \to\ (cw,\; cb,\; \beta/c,\; v/c).$$
#
# Here one part of the penalty grows with $c$, and the other falls:
# $\tfrac\lambda2(c^2|w|^2 + |v|^2/c^2)$.
#
# **Exercise 14.7.** Which $c > 0$ makes $c^2|w|^2 + |v|^2/c^2$ lowest, and how low?

# %% exercise="14.7"

# %% [markdown]
# <details><summary>On paper</summary>
#
# $2c|w|^2 - 2|v|^2/c^3 = 0$, so $c^4 = |v|^2/|w|^2$:
#
# $$c = \sqrt{|v|/|w|},\qquad \text{lowest: } 2\,|w||v|.$$
#
# </details>
#
# Try your $c$: turn each unit of the network without decay to its best gauge.

# %%
best_scale = lesson.mine("14.7")
turned = nets[0].copy()
W1, b1, beta1, W2, b2 = turned.parameters.values()
for i in range(20):
    c, _ = best_scale(W1[:, i], W2[i])
    W1[:, i] *= c
    b1[i] *= c
    beta1[i] /= c
    W2[i] /= c
for name, one in (("as trained", nets[0]), ("best gauge", turned)):
    squares = sum((one.parameters[w] ** 2).sum() for w in ("W1", "W2"))
    loss = one.loss(X[TRAIN], Y[TRAIN])
    print(f"{name}: loss {loss:.10f}, sum of squares {squares:.1f}")

# %% [markdown]
# At the best $c$ both terms are equal. So at a minimum of $E$, **each unit's
# incoming and outgoing weights have the same length**. Without decay, all $c$ are
# equally good, and nothing makes the lengths equal. Is it so in training?

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for ax, decay in zip(axes, (0, 0.003)):
    parts = nets[decay].parameters
    w = np.linalg.norm(parts["W1"], axis=0)
    v = np.linalg.norm(parts["W2"], axis=1)
    top = 1.1 * max(w.max(), v.max())
    ax.plot([0, top], [0, top], color="0.7", zorder=0)
    ax.plot(w, v, "o", color=mf.plots.COLOURS["esp"], alpha=0.7)
    small = (w * v < 0.01).sum()
    ax.set(title=f"λ = {decay}: {small} of 20 units have died out",
           xlabel="length of the incoming weights, |w|",
           ylabel="outgoing, |v|")  # fmt: skip
plt.show()

# %% [markdown]
# Without decay they lie about the diagonal (question 4 below says what plain descent
# keeps), with decay on it. And many lie at zero: the decay has
# *removed* units. Why does it not just make all of them smaller? Put the best $c$
# into the penalty: a unit pays $\lambda|w||v|$, and $|w||v|$ measures the size of what
# it contributes. The pull of a squared size fades as the size goes to 0. The pull of
# this penalty does not fade, so the size reaches 0. The network has found out how
# many units it needs.

# %% [markdown]
# ## ★ The Hessian of the sum
#
# At the end of the training with $\lambda=0.003$, the sum $E$ is at a minimum:
# its Hessian, $H$ plus your `ddR`, should have no negative eigenvalue. And the loss's
# own Hessian $H$, at the same place?
#
# **Prediction 14.8.** How many of its 101 eigenvalues are clearly negative (below
# $-10^{-5}$): `"none"`, `"some"` (up to a third), or about `"half"`?

# %% predict="14.8"

# %%
one = held(0.003, 8000)
weights = np.array([name.startswith("W") for name in one.labels])
H = mf.hessian(one, X[TRAIN], Y[TRAIN])
of_loss = np.linalg.eigvalsh(H)
of_sum = np.linalg.eigvalsh(H + decay_term(one.theta, 0.003, weights)[2])
for name, each in (("the loss", of_loss), ("the sum", of_sum)):
    negative = (each < -1e-5).sum()
    print(f"{name}: lowest {each[0]:.1e}, highest {each[-1]:.2f},",
          f"below -1e-5: {negative} of {len(each)}")  # fmt: skip
negative = (of_loss < -1e-5).sum()
word = "none" if negative == 0 else "some" if negative < 34 else "half"
lesson.reveal("14.8", word)

# %% [markdown]
# The loss would like to go on falling, in many directions, and the springs hold it.
# And a gauge direction, which is flat for the loss at its own minima, is now a valley.
# Along $c=e^s$ the penalty of a unit is $\tfrac\lambda2(e^{2s}|w|^2 + e^{-2s}|v|^2)$,
# with the second derivative $2\lambda(|w|^2+|v|^2)$ at $s=0$: $4\lambda|w|^2$ at the
# minimum.

# %% [markdown]
# ## Do betas overfit?
#
# A trained $\beta$ is one more freedom. Ten worlds (other samples, other flips,
# other starts), no decay, three networks: all betas fixed at 1; the hidden ones
# trained; the output's trained as well. We look at the test loss at the end.
#
# **Prediction 14.9.** Which betas make it much worse (more than twice): the
# `"hidden"` ones, the one of the `"output"`, `"both"`, or `"neither"`?

# %% predict="14.9"

# %%
KINDS = {"all fixed": False, "hidden trained": [True, False],
         "output's too": True}  # fmt: skip


def ends(seed, trained, marks=range(0, 6000, 50)):
    """Test loss where the validation loss is lowest, and at the end."""
    world = mf.datasets.moons(n=2500, noise=0.15, seed=seed)
    x, y = world.X_train, world.Y_train
    bad = np.random.default_rng(seed).random(y.shape) < 0.1
    y = np.where(bad, 1 - y, y)
    net = mf.mlp([2, 20, 1], "esp", trainable_beta=trained, seed=seed)
    rule = mf.Adam(0.01)
    run = mf.train(net, x[TRAIN], y[TRAIN], 6000, rule, record=marks)
    nets = [net.with_theta(one) for one in [*run["theta"], net.theta]]
    valid, test = ([one.loss(x[part], y[part]) for one in nets]
                   for part in (VALID, TEST))  # fmt: skip
    return test[np.argmin(valid)], test[-1]


# %%
worlds = {kind: np.array([ends(seed, trained) for seed in range(10)])
          for kind, trained in KINDS.items()}  # fmt: skip
for kind, each in worlds.items():
    best, last = np.median(each, axis=0)
    print(f"{kind:14}: test loss {best:.3f} stopped, {last:.1f} at the end")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
orange = mf.plots.COLOURS["esp"]
for place, each in enumerate(worlds.values()):
    for ax, values in zip(axes, each.T):
        ax.plot(values, [place] * 10, "o", mfc="none", color=orange)
        ax.plot(np.median(values), place, "k|", ms=18)
for ax, when in zip(axes, ("stopped in time", "at the end")):
    ax.set(xlabel=f"test loss {when} (nats)")
    ax.set(yticks=range(3), ylim=(2.5, -0.5))
    ax.set_yticklabels(list(worlds) if ax is axes[0] else [])
axes[1].set_xscale("log")
axes[1].set_xticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
axes[1].minorticks_off()
plt.show()
fixed, hidden, output = (np.median(each[:, 1]) for each in worlds.values())
words = [["neither", "output"], ["hidden", "both"]]
word = words[int(hidden > 2 * fixed)][int(output > 2 * hidden)]
lesson.reveal("14.9", word)

# %% [markdown]
# The hidden betas do no harm. The output's $\beta$ does: it multiplies all logits,
# so it is how **sure** the network is. Once all training labels are right, being
# surer lowers the training loss, always. On the test it makes every mistake dearer.
# Stopped where the validation loss is lowest, the three are nearly the same.
#
# How much of the bad loss of the beginning was only this? Take that network, and
# choose only the output's $\beta$ once more, by the 100 validation samples.

# %%
factors = np.geomspace(1e-4, 1, 200)


def less_sure(factor):
    """The overfitted network with its output's beta times a factor."""
    one = learnt.copy()
    one.parameters["beta2"] *= factor
    return one


tried = [less_sure(f).loss(X[VALID], Y[VALID]) for f in factors]
calm = less_sure(factors[np.argmin(tried)])
print(f"output's beta {learnt.parameters['beta2'][0]:.1f}"
      f" -> {calm.parameters['beta2'][0]:.2f}")  # fmt: skip
print(f"test loss {test_loss:.2f} -> {calm.loss(X[TEST], Y[TEST]):.3f},",
      f"true classes {calm.score(X[TEST], clean[TEST]):.0%}")  # fmt: skip

# %% [markdown]
# Nearly all of it. One number repaired, and the loss is below a coin's again. But
# the border still runs around the wrong labels: only decay or stopping mends that.

# %% [markdown]
# ## What you have now
#
# * A training loss below the floor of the noise is memory, not understanding.
# * Stopping holds back the flat directions; so does a spring, with
#   $\lambda\approx1/(\eta t)$.
# * Weight decay is one more energy: its gradient is $\lambda w$, its Hessian
#   $\lambda$ for each weight. Where a gauge leads around the penalty, decay leaks
#   away. Where none does, decay chooses the gauge: $|w|=|v|$. Needless units die.
# * Hidden betas are harmless. The output's is the network's confidence.
#
# > **Where this stands.** That networks can learn even random labels by heart is
# > in Zhang et al. (arXiv:1611.03530). Weight decay: Krogh and Hertz (1991);
# > stopping rules: Prechelt (1998); the comparison of the two: Goodfellow, Bengio
# > and Courville, *Deep Learning* (2016), section 7.8. That a symmetry can make
# > decay powerless is known from batch normalisation: van Laarhoven
# > (arXiv:1706.05350); that $|w|^2+|v|^2$ acts as $2|w||v|$ is in Neyshabur et al.
# > (arXiv:1412.6614). Adam divides the spring's force, too, by its running root;
# > *AdamW* (Loshchilov and Hutter, arXiv:1711.05101) therefore shrinks the weights
# > apart from it. Choosing the output's $\beta$ afterwards is the temperature
# > scaling of Guo et al. (arXiv:1706.04599).

# %% [markdown]
# **To think about**
#
# 1. You get twice as many samples. What should become of $\lambda$, if your belief
#    about the weights, the Gaussian, is to stay the same?
#
# <details><summary>Answer</summary>
#
# The variance of a weight is $1/(N\lambda)$. So half the $\lambda$: the more
# samples, the less the belief before them counts.
#
# </details>
#
# 2. The hidden units are now *sigmoid* gates with trained betas: their gauge is
#    $(w, b, \beta)\to(cw, cb, \beta/c)$, and $v$ has no part in it. What does decay
#    of $w$ do?
#
# <details><summary>Answer</summary>
#
# Nothing, in the end: $c\to0$ makes the penalty of $w$ vanish at no cost, and the
# betas grow. It is the leak of the output once more. (That of $v$ still acts.)
#
# </details>
#
# 3. The validation samples choose an epoch. Why is the test loss there a little
#    higher than the lowest of the test curve, but honest?
#
# <details><summary>Answer</summary>
#
# The lowest point of the test curve was chosen by the test samples, so it is low by
# luck as well as by merit. The epoch that the validation samples chose knows nothing
# of the test samples: on them its luck is as often good as bad.
#
# </details>
#
# 4. Without decay, gradient descent with a small rate cannot change
#    $|w|^2 + b^2 - \beta^2 - |v|^2$ of an ESP unit. Why?
#
# <details><summary>Answer</summary>
#
# The loss does not change along the gauge $\xi = (w, b, -\beta, -v)$, so
# $\xi\cdot g = 0$. In a small step $\theta$ changes by $-\eta g$. Then
# $|w|^2 + b^2 - \beta^2 - |v|^2$ changes by $-2\eta\,\xi\cdot g = 0$, but for terms
# of second order in $\eta$. A symmetry gives a conserved quantity, as in mechanics
# (for ReLU: Du, Hu and Lee, arXiv:1806.00900). Decay breaks the symmetry: of the four
# terms, $|w|^2-|v|^2$ dies away, but $b^2-\beta^2$ need not.
#
# </details>
