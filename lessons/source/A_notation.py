# %% [markdown]
# # Appendix A. Notation and shapes
#
# One row is one sample. `h = x @ W + b` in the mathematics, in the lessons and
# in the code alike; arXiv:1805.08786 writes the transpose.
#
# | letter | shape | what it is |
# |---|---|---|
# | $N, D, H, K$ | | samples, inputs, hidden units, outputs |
# | $L, P$ | | layers of weights; number of all parameters |
# | $L$ | one number | the loss, too, as in $\partial L/\partial W$ |
# | $x$ | $(N, D)$ | inputs |
# | $y$ | $(N, K)$ | targets |
# | $W_l, b_l, \beta_l$ | (in, out), (out,), (out,) | weights, biases, inverse noise of layer $l$ |
# | $h_l$ | $(N, H)$ | field: what arrives at a unit |
# | $a_l$ | $(N, H)$ | activation: what it passes on |
# | $u = \beta h$ | $(N, H)$ | field in units of the noise |
# | $p = \sigma(u)$, $w = p(1-p)$ | $(N, H)$ | mean state of the gate, and its variance |
# | $s$; $j = hs$ | $(N, H)$ | state of the gate; signal that it lets through |
# | $Z, S, U, F$ | $(N, H)$ | of a gate: sum of weights, entropy, mean energy, free energy |
# | $o$ | $(N, K)$ | output: the logit, or the value in regression |
# | $e$ | $(N, K)$ | residual: prediction minus truth |
# | $g = \partial L/\partial a$ | as $a$ | `da` in code |
# | $\delta = \partial L/\partial h$ | as $h$ | `dh` in code |
# | $\theta$ | $(P,)$ | all parameters in one row |
# | $H$ | $(P, P)$ | in later lessons, the Hessian: $\partial^2 L/\partial\theta\,\partial\theta$ |
# | $\dot a$ | as $a$ | rate of change of $a$ along a direction of $\theta$, `a_dot` |
# | $\tilde a = [a, 1]$ | $(N, \cdot+1)$ | inputs with a 1, whose weight is the bias |
# | $\lambda, \tau$ | | eigenvalue; how far rounding may move it |
# | $\alpha, \gamma$ | | fractions of negative and of zero eigenvalues |
#
# $\odot$ multiplies element by element. $f_h$ and $f_\beta$ are slopes of the
# activation $f(h,\beta)$; $f_{hh}$, $f_{h\beta}$, $f_{\beta\beta}$ its curvatures.
# Logarithms are natural, entropies and costs are in nats.

# %% [markdown]
# Parameters lie in $\theta$ layer by layer, $W$ row by row, then $b$, then
# $\beta$ where it is trained. The library tells you:

# %%
import minifnn as mf

net = mf.mlp([2, 3, 1], hidden="esp", seed=0)
print(net)
for name, where in net.slices.items():
    print(f"{name:6} {net.shapes[name]!s:8} theta[{where.start}:{where.stop}]")
print(*net.labels[:9])
print(*net.labels[9:])
