# %% [markdown]
# # 10. The Hessian by hand
#
# Train the network of lesson 7 once more, by your own backward pass and your own
# Adam. After 2,300 steps the loss falls only slowly. Is this nearly the bottom of a
# valley? Look along two directions: against the gradient, and on along Adam's last
# step.

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

backward, adam_step = lesson.mine("5.4"), lesson.mine("7.8")
data = mf.datasets.nonlinear()
trained = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
path, memory = [], (0.0, 0.0)
for t in range(2300):
    path.append(trained.theta.copy())
    parameters = trained.parameters.values()
    pieces = backward(data.X_train, data.Y_train, *parameters)
    gradient = np.concatenate([piece.ravel() for piece in pieces])
    rate = 0.01 * 0.9 ** (t / 500)
    memory = *memory, gradient, t, rate
    trained.theta, *memory = adam_step(trained.theta, *memory)


# %%
def look_along(name, d):
    """Print the best step along d, of 800 lengths up to 3."""
    d = d / np.linalg.norm(d)
    lengths = np.geomspace(1e-6, 3, 800)
    nets = [trained.with_theta(trained.theta + t * d) for t in lengths]
    losses = [net.loss(data.X_train, data.Y_train) for net in nets]
    loss, length = min(zip(losses, lengths))
    print(f"{name:22} loss lower by {here - loss:.1e},", end=" ")
    print(f"length {length:.1e}")


here = trained.loss(data.X_train, data.Y_train)
gradient = trained.gradient(data.X_train, data.Y_train)
steepness = np.linalg.norm(gradient)
print(f"loss {here:.5f}, gradient of length {steepness:.4f}")
look_along("against the gradient", -gradient)
look_along("along Adam's last step", trained.theta - path[-1])

# %% [markdown]
# Against the gradient a tiny step gains nearly nothing, and a longer one goes up
# again. Adam's direction gains hundreds of times as much. Why does Adam get down
# where the gradient does not? The gradient alone cannot tell you. You need to
# know how the loss *bends* in every direction: the **Hessian**, the matrix of
# all second derivatives,
# $H_{pq} = \partial^2 L/\partial\theta_p\,\partial\theta_q$.
#
# "Too expensive", people often say. You will compute it exactly, for this
# network, and find the way down and the answer with it.
#
# **You need** lesson 5 (backward by hand), lesson 6 (complex step), lesson 7, the
# second derivatives of lesson 2 and the curvature of the losses of lesson 4.
# **Minutes**: 75, in two sittings: 55 to the way down, then 20 on where the bending
# comes from. The starred section between the two takes 45 more, and no later lesson
# needs it.

# %% [markdown]
# ## First sitting: the way down
#
# ### Two weights first
#
# Two straight units in a row, one weight each, input 1, target 5:
#
# $$o = w_1 w_2, \qquad L = \tfrac12 (o - 5)^2, \qquad w_1 = 2, \quad w_2 = 3.$$
#
# Backward by hand: $g = o - 5 = 1$, and the gradient is $(g\,w_2,\; g\,w_1) = (3, 2)$.
#
# Now let $w_1$ move with rate 1 and hold $w_2$. A dot is a rate of change:
# $\dot w_1 = 1$, $\dot w_2 = 0$. **On paper**, one line at a time: $\dot o$ = ____,
# $\dot g$ = ____, and how fast do the two entries of the gradient move? ____, ____.
# Then the same for $\dot w_1 = 0$, $\dot w_2 = 1$.
#
# <details><summary>Compare</summary>
#
# $\dot o = \dot w_1 w_2 + w_1\dot w_2 = 3$, and $\dot g = \dot o = 3$. The product rule again:
#
# * $g\,w_2$ moves by $\dot g\,w_2 + g\,\dot w_2 = 9 + 0 = 9$,
# * $g\,w_1$ moves by $\dot g\,w_1 + g\,\dot w_1 = 6 + 1 = 7$.
#
# The other way: $\dot g = \dot o = 2$, and the entries move by $6 + 1 = 7$ and $4 + 0 = 4$.
#
# How the gradient moves with one weight: that is a column of second derivatives. Two
# columns, and you have the whole Hessian, exactly:
#
# $$H = \begin{pmatrix} 9 & 7\\ 7 & 4\end{pmatrix}.$$
#
# The two 7 come from different lines. That they agree is a check.
#
# </details>
#
# That is the whole lesson. The rest is the same with matrices and gates.

# %% [markdown]
# ### Any network, any direction
#
# The backward pass is a list of lines. Its derivative is the same list,
# differentiated line by line.
#
# Choose a direction $v$: one number for each parameter. Let the parameters move
# along it, $\theta + \varepsilon v$. Then everything in the network moves. The dot
# of a field $h$, for example, is
#
# $$\dot h = \frac{d}{d\varepsilon}\, h(\theta + \varepsilon v)
#   \Big|_{\varepsilon=0}.$$
#
# So $\dot\theta = v$, and the pieces of $v$ are $\dot W$, $\dot b$ and $\dot\beta$
# of each layer. The data do not move: $\dot x = 0$ for the first layer.
#
# How fast does the *gradient* move? By the chain rule,
#
# $$\frac{d}{d\varepsilon}\frac{\partial L}{\partial\theta_p}
#   = \sum_q \frac{\partial^2 L}{\partial\theta_p\,\partial\theta_q}\, v_q
#   = (H v)_p.$$
#
# So if you can say how the gradient moves, you have $H$ times $v$, for the price of
# about three gradients.

# %% [markdown]
# ### Forward
#
# A layer first computes $h = xW + b$, where $x$ is what the layer below sends.
# All three may move.
#
# **Exercise 10.1.** On paper: how does $h$ move? Then write it.

# %% exercise="10.1"

# %% [markdown]
# The product rule gives two terms for the product:
#
# $$\boxed{\dot h = \dot a_{l-1} W + a_{l-1}\dot W + \dot b} \tag{10.1}$$
#
# ($a_{l-1}$ is the `x` of layer $l$.) Then comes the gate, $a = f(h;\beta)$,
# for each unit by itself. It depends on two things, so by the chain rule
#
# $$\boxed{\dot a = f_h\,\dot h + f_\beta\,\dot\beta} \tag{10.2}$$
#
# At the top, the loss gives $g = \partial L/\partial o$. It moves because the
# outputs $o$ do: $\dot g_k = \sum_{k'} C_{kk'}\,\dot o_{k'}$, where
# $C = \partial^2 L/\partial o\,\partial o$ is the curvature of the loss.

# %% [markdown]
# ### Backward
#
# The gate's lines are $\delta = g\, f_h$ and $\partial L/\partial\beta =
# \sum_n g\, f_\beta$. Here $g$ moves, because everything above does. Does
# anything else?
#
# **Exercise 10.2.** Find how both lines move. In the code `f_b` is $f_\beta$;
# `f_hh`, `f_hb` and `f_bb` are the second derivatives of $f$ from lesson 2. If
# you name what you compute on the way `f_h_dot` and `f_b_dot`, the check can
# look at them too.

# %% exercise="10.2"

# %% [markdown]
# The slopes move too, because they depend on $h$ and $\beta$:
#
# $$\boxed{\dot\delta = \dot g f_h + g\,(f_{hh}\dot h + f_{h\beta}\dot\beta), \quad
#   \dot{(\partial_\beta L)} = \textstyle\sum_n \dot g f_\beta
#   + g\,(f_{h\beta}\dot h + f_{\beta\beta}\dot\beta)} \tag{10.3}$$
#
# Three lines of backward are left, those of the weights: `dW = x.T @ delta`,
# `db = delta.sum(axis=0)` and `dx = delta @ W.T`.
#
# **Exercise 10.3.** How do they move?

# %% exercise="10.3"

# %% [markdown]
# Two products and a sum. With $g_{l-1}$ for `dx`, what the layer below receives:
#
# $$\boxed{\dot{(\partial_W L)} = \dot a_{l-1}^T\delta + a_{l-1}^T\dot\delta} \tag{10.4}$$
# $$\boxed{\dot{(\partial_b L)} = \textstyle\sum_n\dot\delta} \tag{10.5}$$
# $$\boxed{\dot g_{l-1} = \dot\delta W^T + \delta\,\dot W^T} \tag{10.6}$$
#
# ### Your lines in a network
#
# That is all. The library's layers have these lines as methods `forward_dot`
# and `backward_dot`. In the next cell your functions take their place. (For the
# gate in the same way, folded.)

# %%
field_dot = lesson.mine("10.1")
gate_back_dot = lesson.mine("10.2")
dense_back_dot = lesson.mine("10.3")


class MyDense(mf.layers.Dense):
    def forward_dot(self, x_dot, W_dot, b_dot):
        self.x_dot, self.W_dot = x_dot, W_dot
        return field_dot(self.x, self.W, x_dot, W_dot, b_dot)

    def backward_dot(self, dh_dot):
        self.dW_dot, self.db_dot, dx_dot = dense_back_dot(
            self.x, self.W, self.dh, self.x_dot, self.W_dot, dh_dot
        )
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


def with_my_lines(net, Dense=MyDense):
    """A copy of the network whose second-order pass is yours."""
    net = net.copy()
    for dense, gate in net.layers:
        dense.__class__, gate.__class__ = Dense, MyGate  # same theta
    return net


# %% [markdown]
# One forward pass and one backward pass, and then both once more, with dots.
# (`np.einsum("nij,nj->ni", C, o_dot)` multiplies $C_{nij}$ by $\dot o_{nj}$ and
# sums over the letter that is missing after the arrow, here $j$.)


# %%
def hessian_times(net, X, Y, v):
    """H v, (P,)."""
    o = net.forward(X)  # the layers keep what they see
    net.backward(net.loss_function.gradient(o, Y))
    o_dot = net.forward_dot(np.zeros_like(X), v)  # the data do not move
    C = net.loss_function.curvature(o, Y)  # (N, K, K)
    return net.backward_dot(np.einsum("nij,nj->ni", C, o_dot))


# %% [markdown]
# Is it right? The gradient is code that you trust since lesson 6, and it takes
# complex numbers. So take a complex step of the *gradient* along $v$: its
# imaginary part is the rate of change. This check uses none of your new lines.

# %%
rng = np.random.default_rng(0)
net = mf.mlp([3, 5, 4, 2], hidden="esp", seed=1)
net.theta += 0.3 * rng.normal(size=net.n_parameters)
X = rng.normal(size=(20, 3))
Y = rng.integers(0, 2, size=(20, 2)).astype(float)

v = rng.normal(size=net.n_parameters)
stepped = net.with_theta(net.theta + 1e-30j * v)
reference = stepped.gradient(X, Y).imag / 1e-30
error = np.abs(hessian_times(with_my_lines(net), X, Y, v) - reference).max()
print(net)
print(f"largest error {error:.1e} in {np.abs(reference).max():.2f}")

# %% [markdown]
# ### The whole matrix, by columns
#
# Let $v$ be 1 for parameter $q$ and 0 for all others. Then $Hv$ is column $q$ of
# $H$. One call for each of the $P$ parameters gives all of $H$.
#
# Nothing in these calls says that $H_{pq} = H_{qp}$: the two come from different
# calls. So the difference between $H$ and its transpose is a check that costs
# nothing.


# %%
def by_columns(net, X, Y):
    """H, (P, P): one product H e_q per parameter."""
    H = np.eye(net.n_parameters)  # its columns are the unit vectors e_q
    for q in range(len(H)):
        H[:, q] = hessian_times(net, X, Y, H[:, q])
    return H


H = by_columns(with_my_lines(net), X, Y)
print(f"shape {H.shape}, largest |H - H^T|: {np.abs(H - H.T).max():.1e}")

# %% [markdown]
# That is rounding: the two calls add the same numbers in another order.
#
# ### Break it
#
# Now leave out the second term of (10.6), $\delta\,\dot W^T$. It is easy to
# forget: without dots, $W$ in that line looks like a constant.
#
# **Prediction 10.4.** In which blocks of $H$ are the errors? Rows and columns are
# sorted by layer, layer 1 first, so lower layers are at the top and on the left.

# %% predict="10.4"


# %%
class Forgetful(MyDense):
    """A Dense layer that takes its own W for a constant on the way down."""

    def backward_dot(self, dh_dot):
        super().backward_dot(dh_dot)
        return dh_dot @ self.W.T  # and delta @ W_dot.T is gone


wrong = by_columns(with_my_lines(net, Dense=Forgetful), X, Y)
print(f"largest |H - H^T|: {np.abs(wrong - wrong.T).max():.2f}")

# %% tags=["hide-input"]
from matplotlib.colors import SymLogNorm


def layer_starts(net):
    return [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]


def lines_between_layers(ax, net):
    starts = layer_starts(net)
    ends = [*starts[1:], net.n_parameters]
    for start in starts[1:]:
        ax.axhline(start - 0.5, color="0.2", lw=1)
        ax.axvline(start - 0.5, color="0.2", lw=1)
    middles = (np.array(starts) + ends) / 2 - 0.5
    names = [f"layer {l}" for l in range(1, len(net.sizes))]
    ax.set_xticks(middles, names)
    ax.set_yticks(middles, names, rotation=90, va="center")


# %% tags=["hide-input"]
def draw_two(net, titles, matrices):
    """Two matrices side by side, in the same colours."""
    norm = SymLogNorm(1e-4, vmin=-0.1, vmax=0.1)
    fig, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    for ax, title, M in zip(axes, titles, matrices):
        image = ax.imshow(M, cmap="PuOr", norm=norm)
        lines_between_layers(ax, net)
        ax.set(title=title, xlabel="column: parameter q")
    axes[0].set_ylabel("row: parameter p")
    bar = fig.colorbar(image, ax=axes, extend="both", label="entry")
    ticks = [-0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1]
    bar.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    bar.minorticks_off()
    plt.show()


draw_two(net, ("H", "H with the slip, minus H"), (H, wrong - H))

# %%
lesson.reveal("10.4")

# %% [markdown]
# The check $H - H^T$ has found the slip at once: in the small case it would give 6
# in place of one 7. But many programs return $(H + H^T)/2$ without a look at the
# difference: in the small case 6.5 twice. That is symmetric, and it is wrong.

# %% [markdown]
# ### The way down
#
# Back to the first cell: **the Hessian of the network that you trained**, by your
# own lines.

# %%
H_trained = by_columns(with_my_lines(trained), data.X_train, data.Y_train)
asymmetry = np.abs(H_trained - H_trained.T).max()
eigenvalues, vectors = np.linalg.eigh((H_trained + H_trained.T) / 2)
rounding = len(H_trained) * np.finfo(float).eps * np.abs(eigenvalues).max()
print(f"largest |H - H^T| {asymmetry:.0e},", end=" ")
print(f"eigenvalues are good to {rounding:.0e}")
print(f"largest eigenvalue (the sharpness) {eigenvalues[-1]:.0f},", end=" ")
print(f"half are below {np.median(eigenvalues):.4f}")
negative = np.sum(eigenvalues < -rounding)
print(f"below {-rounding:.0e}: {negative} of {len(H_trained)}")
print("the lowest three:", eigenvalues[:3])


# %% [markdown]
# So this is not the bottom of a valley: there are negative eigenvalues, directions
# in which the loss bends *down*. (Their number may differ by one or two on your
# machine, as the training does in its last digits. How sure one can be of a sign
# is lesson 11.) Are they the way down? You will see below.
#
# First: why did the gradient lead nowhere? Along a direction $d$ of length 1 the loss
# goes down by the slope and up again by the curvature, so the best step has the
# length slope/curvature: here $|\nabla L|$ over $d^T H d$ with $d = \nabla L/|\nabla L|$.

# %%
d = gradient / steepness
bent = d @ H_trained @ d
print(f"curvature along d {bent:.2f}, best step {steepness / bent:.1e}")
squares = (vectors[:, -3:].T @ d) ** 2
print(f"three sharpest directions: {squares.sum():.1%} of d^2,", end=" ")
print(f"but {squares @ eigenvalues[-3:] / bent:.0%} of the curvature")

# %% [markdown]
# That is the tiny step of the first cell. The little that the gradient has in three
# sharp directions makes nearly all of its curvature, and forbids a longer one. Now
# you know the curvature in each direction. So go far where it is small, and a little
# where it is large: divide by it (by its absolute value, so that each step goes down;
# plus 0.01, so that none is endless).
# That is the damped Newton step (7.7), at the end of lesson 7:

# %%
share = vectors.T @ gradient  # of the gradient, along each eigenvector
newton = share / (np.abs(eigenvalues) + 0.01)
look_along("Newton step", -vectors @ newton)
below, flat = eigenvalues < 0, np.abs(eigenvalues) < 0.01
print("of this step, only the part along eigenvectors with")
look_along("  negative eigenvalue", -vectors @ (newton * below))
look_along("  0 to 0.01", -vectors @ (newton * (flat & ~below)))
look_along("  all others", -vectors @ (newton * ~(flat | below)))

# %% [markdown]
# So the negative directions are *not* the way down: nearly all of the gain comes
# from the flat ones with positive eigenvalues. There one has to go far.
# A step against the gradient cannot, because it also moves in a few sharp ones.
#
# And Adam, without $H$? It divides by $\sqrt v$, the size of each parameter's
# past gradients, and takes $m$ in place of the gradient.

# %%
m, root = memory[0], np.sqrt(memory[1])
ways = {"only m": m, "only divide by root v": gradient / root}
for name, d in (ways | {"Adam, both": m / root}).items():
    look_along(name, -d)
    bent = d @ H_trained @ d / (d @ d)
    print(f"{'':22} curvature along it {bent:.1e}")
sizes = np.log([root, np.abs(np.diag(H_trained))])
together = np.corrcoef(sizes)[0, 1]
print(f"log root v and log |H_pp|: correlation {together:.2f}")

# %% [markdown]
# Where the loss is sharp, the gradients swing widely and $\sqrt v$ is large: with one
# number per parameter Adam does something like what Newton does with one per
# eigenvector. In $m$ the swings cancel. Each alone gains far less than both.
#
# This is a good place to stop for today. Everything works: $Hv$, $H$, and a check
# that costs nothing.

# %% [markdown]
# ## ★ The same matrix by blocks
#
# A sitting of its own, 45 minutes. You may skip it, and go on at *Second sitting*.
# (On another day: *Run All Above Selected Cell* first.)

# %% [markdown]
# ### The library's lines
#
# First, what the library has for the first sitting. The lines are yours:

# %%
print(inspect.getsource(mf.layers.Dense.backward_dot))
print(inspect.getsource(mf.layers.Gate.backward_dot))

# %% [markdown]
# (By default `mf.hessian` runs a compiled version, which tests hold to the same
# digits.)
#
# So much for $H$ by columns. Now the second way.
# The lines with dots take about 6 multiplications per parameter and sample, so $P$
# columns take $6NP^2$. But $H$ has only about $P^2/2$ different entries, each a sum
# over samples. Can we compute each *once*? The parameters of one layer meet those of
# another in a block of $H$.

# %% tags=["hide-input"]
from matplotlib.colors import ListedColormap

KINDS = ["W with W, same layer", "with β, same layer"]
KINDS += ["W with W, two layers", "with β, two layers"]


def draw_blocks(net):
    beta = np.array(["beta" in label for label in net.labels])
    layer = np.searchsorted(layer_starts(net), range(len(beta)), "right")
    kinds = (beta[:, None] | beta) + 2 * (layer[:, None] != layer)
    colours = ListedColormap(["#0072B2", "#A6CEE3", "#D55E00", "#FDD0A2"])
    fig, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    image = ax.imshow(kinds, cmap=colours, vmin=-0.5, vmax=3.5)
    lines_between_layers(ax, net)
    fig.colorbar(image, ax=ax).set_ticks(range(4), labels=KINDS)
    ax.set_title("the blocks of H (W stands for W and b)", fontsize=10)
    plt.show()


draw_blocks(net)

# %% [markdown]
# ### Without indices
#
# One unit per layer and one sample first: then each block is one number. Let the
# layer be $h = aw$, and above it the gate $f(h)$. Suppose we know the first and
# second derivatives of the loss in what the layer sends: $g$ and $G$. **On paper:**
#
# 1. $\delta = g f_h$ is the first derivative in $h$. The second, $S$, is how fast
#    $\delta$ moves with $h$: a product, so two terms. $S$ = ____.
# 2. The layer below sends $a$. The second derivative in $a$ is ____.
# 3. The entry of $w$ with itself is ____.
# 4. A weight $w_k$ of a lower layer moves that layer's field $h_k$ by its input $a_k$.
#    Write $\Pi$ for $\partial h/\partial h_k$ and $J$ for $\partial a/\partial h_k$.
#    The gradient $\delta a$ of the upper weight moves with $w_k$ by ____.
#
# <details><summary>Compare, and try the two weights</summary>
#
# 1. $S = f_h G f_h + f_{hh}\,g$: $g$ moves with the output, by $G f_h$; and the slope
#    $f_h$ moves, by $f_{hh}$.
# 2. $h = aw$ is linear in $a$, so $w S w$.
# 3. And linear in $w$: $S a^2$.
# 4. $(S\Pi\,a + \delta J)\,a_k$: the product rule for $\delta a$.
#
# Straight gates, $w_1 = 2$, $w_2 = 3$, and $g = G = 1$ at the top. Upper layer: $S = 1$ and
# $a = 2$, so its entry is 4. Lower layer: $S = 3\cdot1\cdot3 = 9$ and $a = 1$, so 9.
# Between: $\Pi = 3$ and $J = 1$, so $(3\cdot2 + 1\cdot1)\cdot1 = 7$. The same $H$,
# each entry once.
#
# </details>
#
# With more units the letters get indices. The only question is *which* ones.

# %% [markdown]
# ### Through the gate
#
# Still one sample $n$; the loss is a sum, $L = \sum_n L_n$ (each share with its $1/N$),
# and we add at the end. For units $i$ and $i'$ of a layer,
#
# $$g_i = \frac{\partial L_n}{\partial a_i}, \qquad
#   G_{ii'} = \frac{\partial^2 L_n}{\partial a_i\,\partial a_{i'}}, \qquad
#   \delta_i = \frac{\partial L_n}{\partial h_i} = g_i f_{h,i},$$
#
# where $f_{h,i}$ is the slope $f_h$ of unit $i$. At the top the loss gives $g$, and
# $G = C$. Let $h_{i'}$ move. Which of the $g_i$ move? Which of the slopes $f_{h,i}$?
#
# **Exercise 10.5.** Derive $S_{ii'} = \partial^2 L_n/\partial h_i\,\partial
# h_{i'}$, and write it for all samples at once.

# %% exercise="10.5"

# %% [markdown]
# Every $g_i$ depends on every unit's output: it moves by $G_{ii'} f_{h,i'}$. A
# slope depends on its own field only. With $[i=i']$, which is 1 if it is true
# and 0 if not:
#
# $$\boxed{S_{ii'} = \frac{\partial^2 L_n}{\partial h_i\,\partial h_{i'}}
#   = f_{h,i}\, G_{ii'} f_{h,i'} + [i=i']\, f_{hh,i}\, g_i} \tag{10.7}$$
#
# With a $\beta$ in place of one $h$, and then of both, it is the same derivation:
#
# $$T_{ii'} = \frac{\partial^2 L_n}{\partial\beta_i\,\partial h_{i'}}
#   = f_{\beta,i}\, G_{ii'} f_{h,i'} + [i=i']\, f_{h\beta,i}\, g_i \tag{10.8}$$
# $$B_{ii'} = \frac{\partial^2 L_n}{\partial\beta_i\,\partial\beta_{i'}}
#   = f_{\beta,i}\, G_{ii'} f_{\beta,i'} + [i=i']\, f_{\beta\beta,i}\, g_i \tag{10.9}$$
#
# ### Through the weights
#
# $h_i = \sum_j a_j W_{ji} + b_i$ is linear in what comes from below, so nothing
# bends: there is no extra term. On paper: which $G_{jj'}$ does the layer below get?
#
# <details><summary>One layer down</summary>
#
# The sum over all ways from $j$ up to $i$ and from $j'$ up to $i'$:
# $G_{jj'} = \sum_{ii'} W_{ji}\, S_{ii'}\, W_{j'i'}$, or
#
# $$G_{l-1} = W S W^T. \tag{10.10}$$
#
# </details>
#
# With $g_{l-1} = W\delta$ (lesson 5, for one sample) we know $g$ and $G$ one
# layer down, and go on to the bottom.

# %%
field_curvature = lesson.mine("10.5")


def diagonal(values):
    """(N, I) -> (N, I, I), with the values on each diagonal."""
    return values[:, :, None] * np.eye(values.shape[1])


def curvatures_of_layers(net, G):
    """S, T and B of each layer, the lowest first; after backward."""
    found = []
    for dense, gate in reversed(net.layers):
        g, f = gate.da, (gate.f_h, gate.f_beta, *gate.curvatures)
        f_h, f_b, f_hh, f_hb, f_bb = np.broadcast_arrays(*f, g)[:5]
        S = field_curvature(G, g, f_h, f_hh)
        T = f_b[:, :, None] * G * f_h[:, None] + diagonal(f_hb * g)
        B = f_b[:, :, None] * G * f_b[:, None] + diagonal(f_bb * g)
        found.insert(0, (S, T, B))
        G = dense.W @ S @ dense.W.T  # (10.10)
    return found


# %% [markdown]
# ### A layer with itself
#
# The bias is one more weight, on an input that is always 1. So write $\tilde a =
# [a, 1]$, and let $W$ stand for both from here on. The parameters act through the
# fields, and $h_i$ is linear in them, too: $\partial h_i/\partial W_{ji} = \tilde a_j$.
# On paper: what is $\partial^2 L_n/\partial W_{ji}\,\partial W_{j'i'}$? And with
# $\beta_i$ in the place of $W_{ji}$?
#
# <details><summary>The blocks of one layer, for one sample</summary>
#
# $$(W,W)\!: S_{ii'}\tilde a_j\tilde a_{j'}, \quad
#   (\beta,W)\!: T_{ii'}\tilde a_{j'}, \quad (\beta,\beta)\!: B_{ii'} \tag{10.11}$$
#
# </details>
#
# Compare these with your columns. In `"nik,nj,nm->jimk"` the letter k is $i'$, and m
# is $j'$. In $\theta$ the matrix $W$ lies row by row, so $W_{ji}$ is number $jI + i$
# of its layer: the axes in the order $j, i$, then `reshape`.

# %%
o = net.forward(X)
net.backward(net.loss_function.gradient(o, Y))
curved = curvatures_of_layers(net, net.loss_function.curvature(o, Y))
ones = np.ones((len(X), 1))
a = [np.hstack([dense.x, ones]) for dense, _ in net.layers]  # a~ per layer
at = net.slices  # where all lies in theta; W stands for W and b
W = [slice(at[f"W{l}"].start, at[f"b{l}"].stop) for l in (1, 2, 3)]
beta = [at[f"beta{l}"] for l in (1, 2, 3)]

S, T, B = curved[1]  # of layer 2: 4 units, 5 inputs and the bias's
block = np.einsum("nik,nj,nm->jimk", S, a[1], a[1]).reshape(24, 24)
print(f"(W, W)       error {np.abs(block - H[W[1], W[1]]).max():.0e}")
block = np.einsum("nik,nm->imk", T, a[1]).reshape(4, 24)
print(f"(beta, W)    error {np.abs(block - H[beta[1], W[1]]).max():.0e}")
block = B.sum(axis=0)
print(f"(beta, beta) error {np.abs(block - H[beta[1], beta[1]]).max():.0e}")

# %% [markdown]
# ### Two layers
#
# Now the hard block: weights of layer $l$ with weights of a lower layer $k$. The
# gradient of the upper ones is, for one sample,
# $\partial L_n/\partial W_{l,ji} = \delta_i\,\tilde a_j$. A weight of layer $k$
# acts through the field $h_{k,i'}$ of its unit. Suppose we know how two things
# of the upper layer depend on that field:
#
# $$\Pi_{ii'} = \frac{\partial h_{l,i}}{\partial h_{k,i'}}, \qquad
#   J_{ji'} = \frac{\partial \tilde a_j}{\partial h_{k,i'}},
#   \quad\tilde a\text{ the inputs of layer } l.$$
#
# (The last row of $J$ is zero: the bias's input stays 1.) Fill in the blanks on
# paper:
#
# 1. If $h_{k,i'}$ moves, $\tilde a_j$ changes by ____.
# 2. The field $h_{l,i''}$ changes by ____, so $\delta_i$ changes by
#    $\sum_{i''}$ ____.
# 3. So $\delta_i\,\tilde a_j$, a product, changes by ____ + ____.
# 4. If $W_{k,j'i'}$ moves, $h_{k,i'}$ changes by ____.
#
# **Exercise 10.6.** Write the block. Its axes are $(j, i, j', i')$, so that
# `reshape` puts it in the order of $\theta$.

# %% exercise="10.6"

# %% [markdown]
# $$\boxed{(W_l, W_k)\!: \big[(S\Pi)_{ii'}\tilde a_j
#   + \delta_i J_{ji'}\big]\tilde a^{k-1}_{j'}}, \quad
#   (\beta_l, W_k)\!: (T\Pi)_{ii'}\tilde a^{k-1}_{j'} \tag{10.12}$$
#
# Here $\tilde a^{k-1}$ are the inputs of layer $k$. (For $\beta_k$: the same
# without these inputs, and $\Pi$ and $J$ are derivatives in $\beta_k$.) And since
# $h_l = a_{l-1}W_l + b_l$ (here $J$ without its last row),
#
# $$\Pi = \partial h_l/\partial h_k = W_l^T J, \quad
#   J = \partial a_{l-1}/\partial h_k \tag{10.13}$$
#
# Right above layer $k$, $J$ is diagonal with $f_h$ on it. One layer further up
# it is $f_{h,j}\Pi_{ji'}$ with the $\Pi$ just found, and so on. Your function,
# for layers 2 and 1, and then for 3 and 1:

# %%
cross_block = lesson.mine("10.6")
J = diagonal(net.layers[0].gate.f_h)  # how a_1 moves with h_1
for l in (1, 2):  # layers 2 and 3, counted from 0
    (dense, gate), S = net.layers[l], curved[l][0]
    Pi = dense.W.T @ J  # (10.13)
    with_bias = np.concatenate([J, np.zeros((len(X), 1, 5))], axis=1)
    rest = Pi, with_bias, dense.dh, a[l], a[0]
    there = H[W[l], W[0]]  # by columns
    lost = (H - wrong)[W[0], W[l]].T  # by the slip
    block = cross_block(S, *rest).reshape(there.shape)
    second = cross_block(0 * S, *rest).reshape(there.shape)
    error = np.abs(block - there).max(), np.abs(second - lost).max()
    print(f"(W{l + 1}, W1) error {error[0]:.0e},", end=" ")
    print(f"second term against what the slip lost {error[1]:.0e}")
    if l == 1:
        J = gate.f_h[:, :, None] * Pi  # one layer further up

# %% [markdown]
# The second term, $\delta J$, is what the slip of *Break it* lost (on the other side of
# the diagonal): the gradient of $W_l$ changes because its *input* does. In the small
# case it is the 1 in $7 = 6 + 1$.
#
# These are all the blocks. The library makes its second Hessian of them:

# %%
both = mf.hessian(net, X, Y, engine="numpy"), mf.hessian(net, X, Y)
for name, one in zip(("by these blocks", "compiled"), both):
    print(f"{name}: error {np.abs(one - H).max():.0e}", end=", ")
    print("exactly symmetric:", np.array_equal(one, one.T))
error = mf.check.hessian(net, X, Y).max_error
print(f"against the complex step: {error:.0e} of the largest entry")

# %% [markdown]
# Exactly symmetric, for each block is computed once and then copied to the other
# side. A copy cannot show an error by its asymmetry. That is why the library has
# two methods, and why its tests compare them. Its lines, forty that you know
# (`share` is the share of these samples in all, `_sum` adds over samples,
# `curvature` and `residual` are 1 for $H$):

# %%
from minifnn.hessian import add_blocks

print(inspect.getsource(add_blocks))

# %% [markdown]
# ### What it costs
#
# Blocks take about $NP^2/2$ multiplications, nearly all in matrix products. The
# eigenvalues of a $P\times P$ matrix take a number that grows as $P^3$, whatever
# $N$. So for many parameters it must be the *eigenvalues* that are expensive.
# Measured, on one thread:

# %%
import time

from threadpoolctl import threadpool_limits


def milliseconds(work, *arguments):
    """The shorter of two runs, after one that does not count."""
    taken = []
    with threadpool_limits(1):
        for _ in range(3):
            start = time.perf_counter()
            work(*arguments)
            taken.append(1e3 * (time.perf_counter() - start))
    return min(taken[1:])


# %%
digits = mf.datasets.digits()
x, y = digits.X_train, digits.Y_train
print(f"64-H-10, N = {len(x)}; milliseconds for H and for its eigenvalues")
for hidden in (1, 4, 10, 20):
    one = mf.mlp([64, hidden, 10], hidden="esp", seed=1)
    matrix = mf.hessian(one, x, y)
    times = [milliseconds(mf.hessian, one, x, y)]
    times += [milliseconds(np.linalg.eigvalsh, matrix)]
    print(f"P = {one.n_parameters:4d}: {times[0]:7.1f} {times[1]:7.1f}")

# %% [markdown]
# Once $P$ is not much smaller than $N$, the eigenvalues cost more than the Hessian. What
# remains expensive is memory, $P^2$ numbers. Where that does not fit, you still have
# $Hv$: lesson 13.

# %% [markdown]
# ## Second sitting: where does the bending come from?
#
# (On another day: *Run All Above Selected Cell* first.)
#
# Once more the two weights. $H$ has two sources: the loss bends in $o$, and $o$ bends
# in the weights. (Here $\partial o/\partial w = (w_2, w_1) = (3, 2)$, and the second
# derivatives of $o = w_1w_2$ are 1 between the two and 0 else.)
#
# $$\begin{pmatrix} 9 & 7\\ 7 & 4\end{pmatrix}
#   = \begin{pmatrix} 9 & 6\\ 6 & 4\end{pmatrix}
#   + \begin{pmatrix} 0 & 1\\ 1 & 0\end{pmatrix}.$$
#
# **In general:** let $o_k(\theta)$ be the outputs of one sample. Its loss $L_n(o(\theta))$
# has the gradient $\sum_k g_k\, \partial o_k/\partial\theta_p$ with $g_k = \partial
# L_n/\partial o_k$. Differentiate once more. What depends on $\theta$?
#
# **Exercise 10.7.** Write both terms of the Hessian of $L_n$: first the one in
# which $C = \partial^2 L_n/\partial o\,\partial o$ appears.

# %% exercise="10.7"

# %% [markdown]
# $$H_{pq} = \underbrace{\sum_{kk'} \frac{\partial o_k}{\partial\theta_p}\, C_{kk'}\,
#   \frac{\partial o_{k'}}{\partial\theta_q}}_{\text{Gauss-Newton}}
#   + \underbrace{\sum_k g_k\, \frac{\partial^2 o_k}{\partial\theta_p\,
#   \partial\theta_q}}_{\text{residual part}}$$
#
# The first is the curvature of the *loss*, seen through the slopes of the
# network. The second is the bending of the *network*, weighed by $g$, and that is
# the residual: prediction minus truth. Try your function on one sample. The
# slopes come from complex steps, the bends from differences of these.

# %%
two_parts = lesson.mine("10.7")
x, y = X[:1], Y[:1]


def slopes_at(theta):  # (K, P)
    def outputs(t):
        return net.with_theta(t).forward(x)[0]

    return mf.check.complex_step(outputs, theta).T


bends = mf.check.central_differences(slopes_at, net.theta)  # (P, K, P)
C = net.loss_function.curvature(net.forward(x), y)[0]
g_top = net.loss_function.gradient(net.forward(x), y)[0]
parts = two_parts(C, g_top, slopes_at(net.theta), bends.swapaxes(0, 1))
for part, library in zip(parts, (mf.gauss_newton, mf.residual_part)):
    error = np.abs(part - library(net, x, y)).max()
    print(f"{library.__name__:13} differs by {error:.0e}")

# %% [markdown]
# **Which part can be negative along a direction $v$?** On paper: with $z_k =
# \sum_p v_p\,\partial o_k/\partial\theta_p$, what does the first part give? (The
# small case: $(3v_1 + 2v_2)^2$ and $2v_1v_2$.)
#
# <details><summary>The signs</summary>
#
# $v^T(\cdot)\,v = z^T C z$. In lesson 4, $C$ is a variance $p(1-p)$ for gates, a
# covariance for softmax, 1 for squared error (each but for a factor $1/N$ or
# $1/NK$). So $z^T C z\ge0$ for every $z$: $C$ is *positive semidefinite*. Then the
# Gauss-Newton part is so, too, and **all negative curvature comes from the residual
# part**.
#
# </details>
#
# So where does the negative eigenvalue of your trained network come from? $v^THv$ is
# the eigenvalue if $v$ is its eigenvector, of length 1:

# %%
v = vectors[:, 0]
print(f"curvature along v {v @ H_trained @ v:+.1e}")
for part in (mf.gauss_newton, mf.residual_part):
    value = v @ part(trained, data.X_train, data.Y_train) @ v
    print(f"of this, {part.__name__:13} {value:+.1e}")

# %% [markdown]
# The two parts pull in opposite directions, and here the residual part wins.
#
# ReLU consists of straight pieces: $f_{hh} = 0$ for every unit, and its $\beta$
# is not trained.
#
# **Prediction 10.8.** Where is the residual part of a ReLU network's Hessian not
# zero? Nowhere, only within a layer (blocks of one layer with itself), only
# between different layers, or everywhere?

# %% predict="10.8"

# %%
relu = mf.mlp([3, 5, 4, 2], hidden="relu", seed=1)
matrices = mf.gauss_newton(relu, X, Y), mf.residual_part(relu, X, Y)
draw_two(relu, ("ReLU: Gauss-Newton", "ReLU: residual part"), matrices)
lesson.reveal("10.8")

# %% [markdown]
# So "ReLU has no second derivative, hence its Hessian is Gauss-Newton" is false. Each
# single layer is straight. But a network multiplies the weights of one layer by those
# of the next, and $w_1w_2$ bends: the matrix of the two weights, 1 between them and 0
# else, has the eigenvalues $+1$ and $-1$.
#
# What did $H$ look like while your network learned? Below: black all of $H$, grey its
# two parts, each with its own eigenvalues in ascending order.

# %% tags=["hide-input"]
shape = {"figsize": (11, 3.6), "sharey": True, "layout": "constrained"}
(fig, axes), limits = plt.subplots(1, 3, **shape), []
for ax, epoch in zip(axes, (0, 100, 2299)):
    then = trained.with_theta(path[epoch])
    mf.plots.curvature_parts(then, data.X_train, data.Y_train, ax=ax)
    ax.set_title(f"epoch {epoch}")
    limits.append(ax.get_ylim())
axes[0].set_ylim(np.min(limits), np.max(limits))
for ax in axes[1:]:
    ax.set_ylabel("")
    ax.get_legend().remove()
plt.show()

# %% [markdown]
# At the start $\beta$ is near zero, the network says nearly nothing, and $H$ is
# almost all residual part. As the network learns, Gauss-Newton takes over the
# large eigenvalues, and the negative ones stay with the residual part.

# %% [markdown]
# ## What you have now
#
# * Differentiate forward and backward line by line, and you have $Hv$, exactly.
# * $P$ unit vectors give $H$ by columns. Its asymmetry is a free check.
# * ★ Per sample $H$ consists of $S$, $T$, $B$, $\Pi$, $J$ and the inputs. The sum
#   over samples is a matter of matrix products.
# * $H$ = Gauss-Newton + residual part, and only the second can have negative
#   eigenvalues.
#
# **Where this stands.** $Hv$ by differentiating each line is the R-operator of
# [Pearlmutter (1994)](https://doi.org/10.1162/neco.1994.6.1.147). The blocks of
# all layers are in [Bishop (1992)](https://doi.org/10.1162/neco.1992.4.4.494);
# the recursion (10.7), (10.10) for the diagonal blocks has come back in [Botev et
# al. (2017)](https://arxiv.org/abs/1706.03662) and, as modules for automatic
# differentiation, in [Dangel et al. (2020)](https://arxiv.org/abs/1902.01813).
# Products with the Gauss-Newton part, by the same means, are due to [Schraudolph
# (2002)](https://doi.org/10.1162/08997660260028683).

# %% [markdown]
# ## To think about
#
# A network without hidden layers, $o = xW + b$, with cross-entropy: what is its
# residual part? What does that say about local minima?
#
# <details><summary>Answer</summary>
#
# $o$ is linear in the parameters, so all bends are zero: no residual part, and
# $H$ is positive semidefinite everywhere. The loss is convex; every local minimum
# is a global one.
#
# </details>
#
# A network that only *looks* more complicated: $o = (xW_1)W_2$, all gates
# straight. Is its residual part zero?
#
# <details><summary>Answer</summary>
#
# No. The output is a product of weights, so the part between the two layers
# remains. The same function of $x$, other parameters, another Hessian.
#
# </details>
