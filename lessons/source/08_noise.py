# %% [markdown]
# # 8. The noise learns
#
# Each unit has a $\beta$, its inverse noise. You know its gradient (5.2), so
# nothing keeps you from training it like a weight. The published networks do:
# every $\beta$ starts next to zero, that is, in nearly pure noise.
#
# In this lesson you watch what becomes of it, find out that half of what you see
# is a choice of units (a *gauge*), and measure what one loses by fixing $\beta=1$.
# The answer has two halves, and the first may surprise you.
#
# You need: lessons 2 (ESP), 5 (backward) and 7 (Adam). About 50 minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## A start in noise
#
# The network has two inputs, ten ESP units, one output. Its weights start as
# usual, its biases at zero, and the eleven $\beta$, the output's too, are drawn
# from $N(0, 0.004^2)$. What does such a network say?

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=1)
p = net.predict(X)
print(f"predictions run from {p.min():.5f} to {p.max():.5f}; loss {net.loss(X, Y):.5f}")
half = net.layers[0].gate.activation(X @ net.parameters["W1"], net.parameters["beta1"])
print("hidden signals differ from h/2 by", np.abs(half - X @ net.parameters["W1"] / 2).max())

# %% [markdown]
# One half, to everything: the loss is $\log 2$. And its hidden units are linear,
# because $h\,\sigma(\beta h)\to h/2$ as $\beta\to0$. The network starts as a straight
# line, knowing nothing. It can only become less noisy.
#
# **Exercise 8.1, a prediction.** Which of the parameters has by far the largest
# gradient at this start: `"W1"`, `"beta1"`, `"W2"` or `"beta2"`? Go backward in
# your head, with (5.1) to (5.5), and look for small factors. ($b_1$ and $b_2$ are
# out of the race.)

# %% exercise="8.1"

# %%
gradient = net.split(net.gradient(X, Y))
for name in net.parameters:
    print(f"{name:6} largest entry of the gradient {np.abs(gradient[name]).max():.1e}")

# %% [markdown]
# With plain gradient descent the output's $\beta$ would have to grow before
# anything else could move. Adam divides each gradient by its own size, so it
# moves all of them at once. This is one reason for using it here.

# %% [markdown]
# ## What it converges to
#
# Now train, as published: Adam, rate $0.01\cdot0.9^{t/500}$, 2300 epochs.
# Before you look: will the ten hidden $\beta$ go to one value? Will they be
# positive?


# %%
def train(net, rate=0.01, epochs=2300, every=50):
    """The published training, faster or longer if asked; the records."""
    adam = mf.Adam(rate, decay=(0.9, 500 * epochs / 2300))
    return mf.train(net, X, Y, epochs=epochs, optimizer=adam, record=range(0, epochs, every))


history = train(net)
betas = history["theta"][:, net.slices["beta1"]]
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(history["epoch"], betas, color=mf.plots.COLOURS["esp"], linewidth=1)
ax.plot(history["epoch"], history["theta"][:, net.slices["beta2"]], "k--", label="the output's")
ax.axhline(0, color="#999999", linewidth=0.8)
ax.set(xlabel="epoch", ylabel="inverse noise β of a unit")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# No, and no. They fan out to both sides, and many are *negative*. A negative
# temperature? Look at the end of training for several seeds:

# %%
finals = {}
for seed in range(1, 5):
    other = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=seed)
    train(other)
    finals[seed] = np.sort(other.parameters["beta1"])
    print(f"seed {seed}:", np.round(finals[seed], 1))

# %% [markdown]
# Each seed ends elsewhere. There is no value that $\beta$ converges to. All one
# can say of the *size* is that it leaves zero: these forty end between a few tenths
# and eleven, where they began at 0.004 or so. To understand the sign, and some of the
# scatter, you need one idea.

# %% [markdown]
# ## The gauge
#
# Take one hidden unit: incoming weights $w$, bias $b$, inverse noise $\beta$,
# outgoing weights $v$. Choose any number $c\neq0$ and change all four:
#
# $$(w,\ b,\ \beta,\ v)\ \to\ (cw,\ cb,\ \beta/c,\ v/c).$$
#
# * The field becomes $c\,h$.
# * $\beta h$ becomes $(\beta/c)(c h) = \beta h$: the gate opens exactly as before.
# * The signal $h\,\sigma(\beta h)$ becomes $c$ times as large.
# * The outgoing weights take the $c$ back.
#
# Nothing has changed downstream. It is as if you measured the unit's field in
# millivolts instead of volts. A change of description that changes nothing is
# called a **gauge**.

# %% [markdown]
# With $c=-1$ the unit is turned into its mirror image: the same function, and
# $\beta$ has the other sign. So a negative $\beta$ is no negative temperature. It
# is a unit written the other way round.
#
# **Exercise 8.2.** Write it for a whole layer, each unit with its own $c_i$.

# %% exercise="8.2"

# %% [markdown]
# Now try it on the network that has just been trained, with wild $c$ of both
# signs. (The cell writes out what `rescale` does.)

# %%
rng = np.random.default_rng(0)
c = rng.choice([-1, 1], size=10) * 10 ** rng.uniform(-2, 2, size=10)
turned = net.with_theta(net.theta.copy())
turned.parameters["W1"] *= c
turned.parameters["b1"] *= c
turned.parameters["beta1"] /= c
turned.parameters["W2"] /= c[:, None]
print("theta has moved by     ", np.abs(turned.theta - net.theta).max())
print("predictions have by    ", np.abs(turned.predict(X) - net.predict(X)).max())

# %% [markdown]
# The output gate is $o = \beta_2(a W_2 + b_2)$, a product: there,
# $(W_2, b_2, \beta_2)\to(cW_2, cb_2, \beta_2/c)$ changes nothing either.
#
# **Exercise 8.3, a prediction.** The network 2-10-1 has 52 parameters. In how
# many independent directions can you move $\theta$ a little, at a general place,
# without changing the function?

# %% exercise="8.3"

# %% [markdown]
# Let us count without any theory. The Jacobian of the 690 outputs with respect
# to the 52 parameters says how the function moves with $\theta$. Its 52 **singular
# values** are the sizes of the effects of 52 perpendicular directions. Its rank, the
# number of those that are not zero, counts the directions that do something.

# %%
J = mf.check.complex_step(lambda theta: net.with_theta(theta).forward(X).ravel(), net.theta)
sizes = np.linalg.svd(J, compute_uv=False)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.semilogy(np.arange(1, 53), sizes / sizes[0], "o", color=mf.plots.COLOURS["esp"], markersize=4)
ax.axvline(41.5, color="#999999", linewidth=0.8)
ax.set(xlabel="direction, in order of size", ylabel="size of its effect\n(largest = 1)")
plt.show()
print("directions above 1e-13:", (sizes > 1e-13 * sizes[0]).sum())

# %% [markdown]
# The rest is zero to rounding. And how many parameters has the same network
# with all $\beta$ fixed at 1?

# %%
print(mf.mlp([2, 10, 1], hidden="esp", beta=1.0, trainable_beta=False).n_parameters)

# %% [markdown]
# The same number. So the eleven $\beta$ add eleven parameters and **no new
# function at all**: choose $c=\beta$ and every unit has $\beta = 1$. (Only $\beta=0$
# cannot be reached so; that unit is linear, and one with large $v$ and small $w$
# comes as near to it as you please.) For *one* unit, $\beta$ cannot be scaled away,
# since the signal's size would change. In a network there is a $v$ behind it.

# %%
fixed = mf.mlp([2, 10, 1], hidden="esp", beta=1.0, trainable_beta=False)
q = net.parameters
fixed.parameters["W1"] = q["W1"] * q["beta1"]
fixed.parameters["b1"] = q["b1"] * q["beta1"]
fixed.parameters["W2"] = q["W2"] / q["beta1"][:, None] * q["beta2"]
fixed.parameters["b2"] = q["b2"] * q["beta2"]
print("loss with trained beta   ", net.loss(X, Y))
print("the same with all beta 1 ", fixed.loss(X, Y))

# %% [markdown]
# ## What the gradient knows of it
#
# If the loss does not change along the gauge, its slope that way is zero. Put
# $c = 1+\varepsilon$: to first order $\theta$ moves by $\varepsilon\,\xi$, with
#
# $$\xi = (w,\ b,\ -\beta,\ -v), \qquad \nabla L\cdot\xi = 0.$$
#
# This is no statement about minima. It holds at *every* $\theta$, one equation a
# unit: four gradients that were computed by four different lines of code must
# cancel.
#
# **Exercise 8.4.** Write $\nabla L\cdot\xi$, for all hidden units at once.

# %% exercise="8.4"

# %% [markdown]
# In numbers, at a random place far from any minimum:

# %%
place = net.with_theta(np.random.default_rng(5).normal(size=52))
q, d = place.parameters, place.split(place.gradient(X, Y))
terms = np.array([(q["W1"] * d["W1"]).sum(axis=0), q["b1"] * d["b1"],
                  -q["beta1"] * d["beta1"], -(q["W2"] * d["W2"]).sum(axis=1)])  # fmt: skip
print("   w part     b part     beta part    v part       sum")
for unit in range(4):
    print("".join(f"{term:11.2e}" for term in terms[:, unit]), f"{terms[:, unit].sum():11.1e}")

# %% [markdown]
# The sums vanish to rounding. This is a test of your backward pass for free, and
# a strong one: leave a $\beta$ out somewhere and it fails.
#
# It has a consequence. Follow the gradient downhill in tiny steps, $\dot\theta =
# -\nabla L$, and ask how $Q = |w|^2 + b^2 - \beta^2 - |v|^2$ of a unit changes:
# $\dot Q = 2(w\cdot\dot w + b\dot b - \beta\dot\beta - v\cdot\dot v) =
# -2\,\nabla L\cdot\xi = 0$. **$Q$ is conserved.** A symmetry brings a conserved
# quantity, as in mechanics. But real steps are not tiny, and Adam's do not even
# point along $-\nabla L$. Predict: who keeps $Q$?


# %%
def drift(optimizer, epochs):
    """How much Q changed, the most of ten units, from one start with beta = 1."""
    net = mf.mlp([2, 10, 1], hidden="esp", beta=1.0, trainable_beta=True, seed=1)
    q, Q = net.parameters, []
    for _ in range(2):
        Q.append((q["W1"] ** 2).sum(0) + q["b1"] ** 2 - q["beta1"] ** 2 - (q["W2"] ** 2).sum(1))
        mf.train(net, X, Y, epochs=epochs, optimizer=optimizer, record=[0])
    return np.abs(Q[1] - Q[0]).max()


for rate, epochs in ((0.2, 1000), (0.1, 2000), (0.05, 4000)):
    print(f"descent, rate {rate:4}, {epochs} epochs: {drift(mf.GradientDescent(rate), epochs):.5f}")
print(f"Adam,    rate 0.01, 2000 epochs: {drift(mf.Adam(0.01), 2000):.5f}")

# %% [markdown]
# Half the step for twice as long, half the drift: what is left is the error of
# finite steps. Adam does not conserve $Q$: it walks along the gauge, too, and the
# $\beta$ that you saw have been carried along.

# %% [markdown]
# ## What fixing beta = 1 loses
#
# Nothing that can be *said*. But what about getting there? Three networks from
# the *same* weights, since they have the same seed: $\beta$ from noise, trained;
# $\beta$ from 1, trained; $\beta = 1$, fixed. Eight starts. Before you run it: which
# differences do you expect?


# %%
def run(seed, arm, rate=0.01, epochs=2300):
    """Train one network; the loss at the end and the accuracy on the test points."""
    start = ("normal", 0.004) if arm == "from noise" else 1.0
    net = mf.mlp([2, 10, 1], beta=start, trainable_beta=arm != "fixed", seed=seed)
    train(net, rate, epochs, every=epochs)
    return net.loss(X, Y), net.score(data.X_test, data.Y_test)


ARMS = ("from noise", "from 1", "fixed")
results = {arm: np.array([run(seed, arm) for seed in range(8)]) for arm in ARMS}
for arm in ARMS:
    print(f"{arm:11}", np.round(results[arm][:, 0], 3))

# %% [markdown]
# How sure is the difference? Each start has its own luck, and the arms may share
# some of it. So take the difference *within* each pair first: then what they share
# cancels. The mean of $n$ differences has the standard error
# $\mathrm{std}/\sqrt n$, with $n-1$ in the variance.
#
# **Exercise 8.5.** Write it.

# %% exercise="8.5"


# %%
def difference(first, second, what):
    """Mean difference of the losses, or accuracies, in pairs, and its standard error, as text."""
    d = results[first][:, what] - results[second][:, what]
    return f"{d.mean():+.3f} ± {d.std(ddof=1) / np.sqrt(len(d)):.3f}"


for first, second in (("from noise", "fixed"), ("from 1", "fixed"), ("from noise", "from 1")):
    loss, accuracy = difference(first, second, 0), difference(first, second, 1)
    print(f"{first:10} minus {second:7} loss {loss}   test accuracy {accuracy}")
shared = np.corrcoef([results[arm][:, 0] for arm in ARMS])
print("correlation of the losses, from noise and fixed:", shared[0, 2].round(2))

# %%
fig, ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")
losses = np.array([results[arm][:, 0] for arm in ARMS])
ax.plot(ARMS, losses, "o-", color=mf.plots.COLOURS["esp"], linewidth=0.7, markersize=4)
ax.set(xlabel="how β was treated; a line joins one start", ylabel="final loss (nats)")
ax.set_ylim(0, None)
plt.show()

# %% [markdown]
# On this task, with this training, a trained $\beta$ wins in every pair, by many
# standard errors. (Did they share their luck? Hardly: a correlation of eight pairs
# that is so small may be chance. So pairing changed the error little. One cannot know
# before, and it is the right error all the same.)
#
# And the start in noise is not what helps: the networks that started at 1 win as
# clearly, and between the two starts no difference can be shown. It is the freedom
# to move.
#
# But how can it help at all, if it adds no function? Adam moves each parameter
# by about one rate a step. So all rates added up are about the distance that a
# weight can go. How far would it have to?

# %%
reach = sum(0.01 * 0.9 ** (t / 500) for t in range(2300))
print(f"with Adam a weight can go about {reach:.0f}")
print(f"trained beta: largest weight in the first layer {np.abs(net.parameters['W1']).max():.0f}")
print(f"the same network with beta = 1: {np.abs(fixed.parameters['W1']).max():.0f}")

# %% [markdown]
# There it is. A sharp corner needs a large product $\beta w$. With both factors
# free, each has to grow only to its root; with $\beta=1$ the weight has to do it
# alone, and the training is over before it arrives. So what you lose would be
# *speed*. It is a good story. Try to prove it wrong: with a rate of 0.03 a weight
# can go 55, nearly far enough, with 0.1 it can go 180, and a training that is longer
# goes further, too. Does the fixed network then catch up?

# %%
print("rate   epochs   from noise       fixed         difference of the losses")
for rate, epochs in ((0.01, 2300), (0.03, 2300), (0.1, 2300), (0.3, 2300), (0.01, 20000)):
    for arm in ("from noise", "fixed"):
        results[arm] = np.array([run(seed, arm, rate, epochs) for seed in range(5)])
    means = [results[arm][:, 0].mean() for arm in ("from noise", "fixed")]
    print(f"{rate:4} {epochs:7} {means[0]:10.3f} {means[1]:12.3f}", end="          ")
    print(difference("from noise", "fixed", 0))

# %% [markdown]
# It depends on where you look, and that is the honest answer. In the first two
# lines the trained network has about half the loss or less, by many standard errors.
# In the last three, where the fixed weights can go far enough, the lead is small, and
# none of the differences is larger than two standard errors.
#
# So nobody may say "a trained $\beta$ is better" and leave out the rate and the
# epochs. What one may say: in the published training it was much better, and where
# the reach was no limit, no lead could be shown. (That does not show that there is
# none: five starts are few, and in this table the trained network is never behind.)
# It fits a loss of speed; it does not prove it. Had the table stopped after two
# lines, it would have told you something else. (One task, one optimizer.)

# %% [markdown]
# ## Beta as a temperature
#
# $1/\beta$ is the temperature of a gate. But the gauge changes $1/\beta$ at will,
# so it cannot be what the unit *feels*. What does not change is $u=\beta h$, and
# with it the gate's entropy $S$ (2.10), in nats: $\log 2$ for a gate that tosses a
# coin, 0 for one that is sure. (The sign of $u$ does not matter to $S$.) Its mean
# over the samples is an honest thermometer.


# %%
def entropies(theta):
    """The entropy of each of the ten gates, a mean over the samples, (10,)."""
    q = net.split(theta)
    return mf.energy.entropy(X @ q["W1"] + q["b1"], q["beta1"]).mean(axis=0)


S = np.array([entropies(theta) for theta in history["theta"]])
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(history["epoch"], S, color=mf.plots.COLOURS["esp"], linewidth=1)
ax.axhline(np.log(2), color="#999999", linewidth=0.8, linestyle="--")
ax.text(2300, np.log(2) + 0.01, "log 2: a coin", ha="right", color="#555555")
ax.set(xlabel="epoch", ylabel="entropy S of a gate (nats)", ylim=(0, 0.75))
plt.show()
change = np.abs(entropies(turned.theta) - entropies(net.theta)).max()
print("the wild gauge of before has changed S by", change)

# %% [markdown]
# All ten gates are coins at first, and then they **cool down**. Nine stay cool.
# One changes its mind, and is a coin once more for a moment. (Look back at the first
# figure: it is the unit whose $\beta$ passes through 0.) It ends far less sure than
# the others. In the plane you can see what the cooling is good for: at epoch 0
# the network says one half everywhere, and as the gates get surer the boundary
# bends and sharpens.


# %%
def draw_epoch(ax, record, colorbar=True):
    """The prediction over the plane at one record."""
    then = net.with_theta(history["theta"][record].copy())
    mf.plots.decision_boundary(then, X, Y, ax=ax, colorbar=colorbar)
    mean = entropies(then.theta).mean()
    ax.set_title(f"epoch {history['epoch'][record]}, mean S = {mean:.2f}", fontsize=10)


fig, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained")
for ax, record in zip(axes, (0, 4, 12, 45)):
    draw_epoch(ax, record, colorbar=record == 45)
plt.show()

# %% [markdown]
# With a running kernel, move through the training yourself:

# %%
from ipywidgets import IntSlider, interact


@interact(record=IntSlider(value=12, min=0, max=45, description="record"))
def watch(record):
    fig, ax = plt.subplots(figsize=(4.5, 3.6), layout="constrained")
    draw_epoch(ax, record)
    plt.show()


# %% [markdown]
# ## What you have now
#
# * $\beta$ is trained like a weight. From $N(0, 0.004^2)$ it goes to no one value,
#   and to both signs.
# * The gauge $(w,b,\beta,v)\to(cw,cb,\beta/c,v/c)$: neither the sign nor the size
#   of one $\beta$ means anything alone. There is one direction a unit in which the
#   gradient is exactly zero.
# * Fixing $\beta=1$ loses no function. In the published training it cost a factor
#   of two in the loss, measured in pairs with a standard error. At a large
#   rate, or after a long training, no lead could be shown.
# * The entropy of a gate is a thermometer that no gauge can change. In training
#   it falls, for most units.
#
# **To think about.** Along the gauge the *gradient* is zero. What about the
# Hessian $H$? Differentiate $\nabla L\cdot\xi = 0$ once more and find what $H\xi$
# is. (Lesson 11 has the answer. At a minimum it is zero: a flat direction, in a
# network that is said to have none.)
