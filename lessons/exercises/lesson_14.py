"""The exercises of lesson 14, too much freedom."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def best_guess(q):
    """The best probability p of class 1, and its mean loss: two numbers.

    The label is 1, but a share q of such labels has been flipped to 0.
    """
    ### BEGIN SOLUTION
    p = 1 - q
    loss = -(1 - q) * np.log(p) - q * np.log(1 - p)
    ### END SOLUTION
    return p, loss


def stop(losses, patience):
    """Index of the lowest loss; stops after `patience` that are not lower.

    losses (T,): of the validation samples, in the order of the training.
    """
    ### BEGIN SOLUTION
    best = 0
    for t in range(len(losses)):
        if losses[t] < losses[best]:
            best = t
        elif t - best >= patience:
            break
    return best
    ### END SOLUTION


def lowest_of_all(losses, patience):
    return int(np.argmin(losses))


def last_if_never_stopped(losses, patience):
    best = 0
    for t in range(len(losses)):
        if losses[t] < losses[best]:
            best = t
        elif t - best >= patience:
            return best
    return len(losses) - 1


def first_one_waits(losses, patience):
    best, wait = 0, 0
    for t in range(len(losses)):
        if losses[t] < losses[best]:
            best, wait = t, 0
        else:
            wait += 1
        if wait == patience:
            break
    return best


def first_one_waits_and_back(losses, patience):
    best, wait = losses[0], 0
    for t in range(len(losses)):
        if losses[t] < best:
            best, wait = losses[t], 0
        else:
            wait += 1
        if wait == patience:
            return t - patience
    return int(np.argmin(losses))


def first_rise(losses, patience):
    for t in range(1, len(losses)):
        if losses[t] >= losses[t - 1]:
            return t - 1
    return len(losses) - 1


def rises_in_a_row(losses, patience):
    rises = 0
    for t in range(1, len(losses)):
        rises = rises + 1 if losses[t] >= losses[t - 1] else 0
        if rises == patience:
            return t - patience
    return int(np.argmin(losses))


def lower_than_the_one_before(losses, patience):
    best = 0
    for t in range(1, len(losses)):
        if losses[t] < losses[t - 1]:
            best = t
        elif t - best >= patience:
            break
    return best


def total_patience(losses, patience):
    best, waited = 0, 0
    for t in range(1, len(losses)):
        if losses[t] < losses[best]:
            best = t
        else:
            waited += 1
        if waited == patience:
            break
    return best


def from_the_start(losses, patience):
    return int(np.argmin(losses[: patience + 1]))


def the_loss_itself(losses, patience):
    return losses[stop(losses, patience)]


def two_shares(k, rate, t, decay):
    """The shares of the way gone, by stopping and by decay: two numbers.

    The valley is k (x - 1)^2/2, and x starts at 0. t counts the steps,
    rate is eta, decay is lambda.
    """
    ### BEGIN SOLUTION
    stopped = 1 - (1 - rate * k) ** t
    decayed = k / (k + decay)
    ### END SOLUTION
    return stopped, decayed


def decay_term(theta, decay, weights):
    """The term R, a number, its gradient (P,) and its Hessian (P, P).

    weights (P,): True where theta (P,) is a weight, else False.
    """
    ### BEGIN SOLUTION
    w = np.where(weights, theta, 0.0)
    R = decay / 2 * np.sum(w**2)
    dR = decay * w
    ddR = decay * np.diag(np.where(weights, 1.0, 0.0))
    ### END SOLUTION
    return R, dR, ddR


def weights_alone(theta, decay, weights):
    w = theta[weights]
    return decay / 2 * np.sum(w**2), decay * w, decay * np.eye(len(w))


def best_scale(w, v):
    """The c > 0 of the lowest c^2 |w|^2 + |v|^2/c^2, and this lowest.

    w (D,): the weights into a unit; v (K,): those out of it.
    """
    ### BEGIN SOLUTION
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    c = np.sqrt(b / a)
    lowest = 2 * a * b
    ### END SOLUTION
    return c, lowest


def a_training(rng):
    """Losses, far above 1, and a patience: bumps, a tie, two lower just in time, some too late.

    At the start there may be a plateau that is just short enough, or one that ends it all.
    """
    scale, case, patience = rng.uniform(2e3, 9e3), rng.integers(3), int(rng.integers(4, 7))

    def high(n):  # up and down, so that few rises come in a row
        return 1.0 + 0.2 * (np.arange(n) % 2) + rng.uniform(0.0, 0.1, size=n)

    falls = [0.95, 0.9, 0.97, 0.8, 0.85, *np.sort(rng.uniform(0.6, 0.8, 3))[::-1]]
    in_time = [*high(patience - 2), 0.5, *high(patience - 1), 0.45]
    too_late = [*high(patience - 1), 0.45, 0.3, *high(patience + 2), 0.25]
    rising = np.sort(rng.uniform(0.3, 1.2, size=patience + 2))
    plateau = [0.98, 1.2, 0.98, *high(patience - 3)]  # as long as the patience
    losses = {
        0: [*plateau, *falls, *in_time, *too_late, *rising, 0.2],
        1: [*falls, *in_time, *high(patience - 3), 0.45, 1.0],  # it never stops
        2: [*plateau, 1.1, *falls, *rising, 0.2],
    }
    return scale * np.array(losses[int(case)]), patience  # seeds 0, 1, 2 draw one of each


def a_network(rng):
    """theta (P,), a decay, and which entries are weights, as many as not."""
    (P,) = sizes(rng, 1)
    P += 4
    weights = np.arange(P) % 2 == 0
    return rng.normal(0.0, 2.0, size=P), rng.uniform(0.1, 0.8), rng.permutation(weights)


def a_unit(rng):
    """Weights into a unit and out of it, (D,) and (K,)."""
    D, K = sizes(rng, 2)
    return rng.normal(0.0, 2.0, size=D), rng.normal(0.0, 0.7, size=K)


EXERCISES = (
    Exercise(
        number="14.1",
        solution="more than ten times",
        hints=("Look at its predictions: how sure is it of what it says?",),
        because="It is nearly sure of everything, and where it is wrong, that costs dearly.",
        mutants={
            "Only a network that has seen the rule behind the labels would be so low.": "lower",
            "A loss counts not only how often you are right, but how sure you are.": (
                "up to ten times"
            ),
        },
    ),
    Exercise(
        number="14.2",
        solution=best_guess,
        inputs=lambda rng: (rng.uniform(0.05, 0.4),),
        returns=("p", "loss"),
        hints=(
            "Of all these samples the share 1 - q costs -log(p), the others cost -log(1 - p).",
            "Differentiate -(1 - q) log p - q log(1 - p) with respect to p, and set it to 0.",
            "(1 - q)/p = q/(1 - p), so p = 1 - q. Put that into the mean loss.",
        ),
        because="Be as sure as the labels are right. The loss is the entropy of the flips.",
        mutants={
            "q is the share that was flipped. The best p is close to 1 if q is small.": (
                "p = 1 - q",
                "p = q",
            ),
            "Your loss is right, but p is not: q is the share that was flipped.": (
                ("p = 1 - q", "p = q"),
                ("np.log(p) - q * np.log(1 - p)", "np.log(1 - q) - q * np.log(q)"),
            ),
            "Weigh both kinds by their shares, 1 - q and q, not by one half each.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "-(np.log(p) + np.log(1 - p)) / 2",
            ),
            "That is a variance. Each label costs minus the logarithm of its probability.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "p * (1 - p)",
            ),
            "p = 1 would cost infinitely much for each flipped label.": ("p = 1 - q", "p = 1.0"),
            "That is the coin. You know that more than half of the labels are right.": (
                "p = 1 - q",
                "p = 0.5",
            ),
            "Solve (1 - q)/p = q/(1 - p) once more: multiply by p (1 - p) first.": (
                "p = 1 - q",
                "p = q / (1 - q)",
            ),
            "The loss lacks the flipped samples: a share q of them costs -log(1 - p).": (
                " - q * np.log(1 - p)",
                "",
            ),
            "The shares are exchanged: 1 - q of the labels are 1, and these cost -log(p).": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "-q * np.log(p) - (1 - q) * np.log(1 - p)",
            ),
            "That is the loss of a label that was not flipped. Take the mean over both kinds.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "-np.log(p)",
            ),
            "The loss is in nats: the natural logarithm, np.log.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "-(1 - q) * np.log2(p) - q * np.log2(1 - p)",
            ),
            "The natural logarithm is np.log; you took np.log10.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "-(1 - q) * np.log10(p) - q * np.log10(1 - p)",
            ),
            "A loss is positive: minus the logarithm of a probability.": (
                "-(1 - q) * np.log(p) - q * np.log(1 - p)",
                "(1 - q) * np.log(p) + q * np.log(1 - p)",
            ),
        },
    ),
    Exercise(
        number="14.3",
        solution=stop,
        inputs=a_training,
        hints=(
            "Keep the index of the lowest loss so far, best, and go through the losses in order.",
            "If losses[t] is lower, best = t. If not, t - best steps have passed since.",
            "Stop once t - best reaches patience, and return best, not t.",
        ),
        mutants={
            "That is the lowest of all losses. In training you do not see those after the stop.": (
                lowest_of_all
            ),
            "That is where the training stopped. Return where it was best.": (
                "return best",
                "return t",
            ),
            "That is where you stop; go back to the lowest.": ("break", "return t"),
            "If the training is never stopped, go back to the lowest, too, not to the end.": (
                last_if_never_stopped
            ),
            "The first loss counts as waiting in yours. It is the lowest so far.": first_one_waits,
            "The first loss counts as waiting in yours, so you may go back too far.": (
                first_one_waits_and_back
            ),
            "Losses may lie above your start value. Start with losses[0].": (
                "    best = 0\n",
                "    return 0\n    best = 0\n",
            ),
            "The first loss has the index 0, and it may be the lowest: start there.": (
                ("    best = 0\n", "    best = 1\n"),
                ("range(len(losses))", "range(1, len(losses))"),
            ),
            "That is the first rise: one rise may be chance. Wait for `patience` of them.": (
                first_rise
            ),
            "You count rises from step to step. Compare with the lowest so far instead.": (
                rises_in_a_row
            ),
            "Lower than the one before is not enough: compare with the lowest so far.": (
                lower_than_the_one_before
            ),
            "A new lowest loss makes the waiting start anew: count from there.": total_patience,
            "That is the lowest loss of all. An index is asked for, and nothing after the stop.": (
                lambda losses, patience: losses.min()
            ),
            "The patience counts from the last lowest loss, not from the start.": from_the_start,
            "The patience is how long to wait after a lowest loss, not how many losses to look "
            "at.": lambda losses, patience: int(np.argmin(losses[:patience])),
            "One too low: is the first loss number 0 in your count?": (
                "return best",
                "return best - 1",
            ),
            "One too high: is the first loss number 0 in your count?": (
                "return best",
                "return best + 1",
            ),
            "That is the loss. Its index is asked for: which step to go back to.": the_loss_itself,
            "You wait one step longer: stop as soon as `patience` were not lower.": (
                "t - best >= patience",
                "t - best > patience",
            ),
            "You stop one step too early: `patience` losses may fail to be lower.": (
                "t - best >= patience",
                "t - best >= patience - 1",
            ),
            "A loss that is as low as the lowest is not lower: it counts as waiting.": (
                "losses[t] < losses[best]",
                "losses[t] <= losses[best]",
            ),
            "Look for the lowest loss, not for the highest.": (
                "losses[t] < losses[best]",
                "losses[t] > losses[best]",
            ),
        },
    ),
    Exercise(
        number="14.4",
        solution=two_shares,
        inputs=lambda rng: (
            rng.uniform(0.3, 2.0),
            rng.uniform(0.1, 0.4),
            int(rng.integers(3, 7)),
            rng.uniform(0.2, 1.5),
        ),
        returns=("stopped", "decayed"),
        hints=(
            "The slope of the valley is k (x - 1). How does 1 - x change in a step?",
            "1 - x is multiplied by 1 - rate k in each step, and it starts at 1.",
            "With decay the slope of k (x - 1)^2/2 + decay x^2/2 is 0: k (x - 1) + decay x = 0.",
        ),
        because="Both leave the flat directions, of small k, where they started.",
        mutants={
            "For stopping, that is the share that is still missing: the way gone is 1 minus it.": (
                "1 - (1 - rate * k) ** t",
                "(1 - rate * k) ** t",
            ),
            "Each step takes the share rate k of what is left, so the steeper, the faster.": (
                "1 - (1 - rate * k) ** t",
                "1 - (1 - rate) ** t",
            ),
            "Steps do not add up: each takes its share of what the others have left.": (
                "1 - (1 - rate * k) ** t",
                "rate * k * t",
            ),
            "That is the limit of infinitely many small steps. These are t steps of rate k.": (
                "(1 - rate * k) ** t",
                "np.exp(-rate * k * t)",
            ),
            "t steps multiply t times: a power of t, not t times.": (
                "(1 - rate * k) ** t",
                "(1 - rate * k) * t",
            ),
            "In one step 1 - x is multiplied by 1 - rate k, not by rate k.": (
                "(1 - rate * k) ** t",
                "(rate * k) ** t",
            ),
            "1 - x gets smaller in a step: the factor is 1 - rate k.": (
                "(1 - rate * k) ** t",
                "(1 + rate * k) ** t",
            ),
            "Without the spring, when you stop, only k is in the slope. Take them one by one.": (
                "(1 - rate * k) ** t",
                "(1 - rate * (k + decay)) ** t",
            ),
            "One step too many: after no step the share is 0.": ("** t", "** (t + 1)"),
            "One step is missing: after one step the share is rate k.": ("** t", "** (t - 1)"),
            "For decay, that is the share that is missing. How far does x get?": (
                "k / (k + decay)",
                "decay / (k + decay)",
            ),
            "The term is decay x^2/2, so its slope is decay x, without a 2.": (
                "k / (k + decay)",
                "k / (k + 2 * decay)",
            ),
            "Stiffnesses add up: k of the valley, and decay of the term.": (
                "k / (k + decay)",
                "k / decay",
            ),
            "The decay does not depend on the rate: its minimum is where both slopes cancel.": (
                "k / (k + decay)",
                "k / (k + rate * decay)",
            ),
        },
    ),
    Exercise(
        number="14.5",
        solution=decay_term,
        inputs=a_network,
        returns=("R", "dR", "ddR"),
        order=("w", "R", "dR", "ddR"),
        hints=(
            "Only weights count: np.where(weights, theta, 0.0) is theta with zeros elsewhere.",
            "(decay/2) w^2 has the slope decay w for each weight, and 0 for all else.",
            "Differentiate again: decay for a weight with itself, 0 for any two different ones.",
            "ddR is diagonal: decay * np.diag(np.where(weights, 1.0, 0.0)).",
        ),
        mutants={
            "All parameters are drawn to 0 in yours: biases and betas shall be left out.": (
                ("np.where(weights, theta, 0.0)", "theta"),
                ("np.where(weights, 1.0, 0.0)", "np.ones(len(theta))"),
            ),
            "ddR is decay for all parameters in yours: only weights have the term.": (
                "np.where(weights, 1.0, 0.0)",
                "np.ones(len(theta))",
            ),
            "R and dR take all parameters, not the weights alone.": (
                "np.where(weights, theta, 0.0)",
                "theta",
            ),
            "dR and ddR have an entry for every parameter: 0 where theta is not a weight.": (
                weights_alone
            ),
            "All three are twice too large: the term is (decay/2) w^2.": (
                ("decay / 2 * np.sum", "decay * np.sum"),
                ("dR = decay * w", "dR = 2 * decay * w"),
                ("ddR = decay * np", "ddR = 2 * decay * np"),
            ),
            "You drew the biases and betas to 0, and left the weights out.": (
                ("np.where(weights, theta, 0.0)", "np.where(weights, 0.0, theta)"),
                ("np.where(weights, 1.0, 0.0)", "np.where(weights, 0.0, 1.0)"),
            ),
            "The 1/2 is missing in R. It is there so that the gradient is decay w.": (
                "decay / 2 * np.sum",
                "decay * np.sum",
            ),
            "The slope of (decay/2) w^2 is decay w: the 2 and the 1/2 cancel.": (
                "dR = decay * w",
                "dR = 2 * decay * w",
            ),
            "dR: you kept the 1/2. The 2 of the square cancels it.": (
                "dR = decay * w",
                "dR = decay / 2 * w",
            ),
            "dR is the size only: it has the sign of the weight.": (
                "dR = decay * w",
                "dR = decay * np.abs(w)",
            ),
            "R: (decay/2) times the sum of squares, not the length of w.": (
                "decay / 2 * np.sum(w**2)",
                "decay / 2 * np.sqrt(np.sum(w**2))",
            ),
            "R is a sum over the weights, not a mean.": ("np.sum(w**2)", "np.mean(w**2)"),
            "R is a sum over the weights: do not divide by their number.": (
                "np.sum(w**2)",
                "np.mean(w[weights] ** 2)",
            ),
            "The term is the square of each weight, not its size.": (
                ("decay / 2 * np.sum(w**2)", "decay * np.sum(np.abs(w))"),
                ("dR = decay * w", "dR = decay * np.sign(w)"),
                ("np.where(weights, 1.0, 0.0)", "0 * w"),
            ),
            "ddR: only a weight with itself has a second derivative; off the diagonal it is 0.": (
                "np.diag(np.where(weights, 1.0, 0.0))",
                "np.ones((len(w), len(w)))",
            ),
            "R: square each weight before the sum.": ("np.sum(w**2)", "np.sum(w) ** 2"),
            "ddR is the second derivative: it does not depend on w any more.": (
                "ddR = decay * np.diag(np.where(weights, 1.0, 0.0))",
                "ddR = decay * np.diag(w)",
            ),
            "ddR: two different weights do not meet in the term: only the diagonal is not 0.": (
                "ddR = decay * np.diag(np.where(weights, 1.0, 0.0))",
                "ddR = decay * np.outer(weights, weights)",
            ),
            "ddR is not a product of weights: differentiate decay w_1 by w_1, then by w_2.": (
                "ddR = decay * np.diag(np.where(weights, 1.0, 0.0))",
                "ddR = decay * np.outer(w, w)",
            ),
            "ddR is half of it: differentiate decay w once more.": (
                "ddR = decay * np",
                "ddR = decay / 2 * np",
            ),
            "lambda (decay) is missing everywhere: R, dR and ddR have it as a factor.": (
                ("decay / 2 * np.sum", "0.5 * np.sum"),
                ("dR = decay * w", "dR = w"),
                ("ddR = decay * np", "ddR = np"),
            ),
            "ddR lacks decay: differentiate decay w once more.": ("ddR = decay * np", "ddR = np"),
        },
    ),
    Exercise(
        number="14.6",
        solution="grows",
        hints=(
            "Which c does the decay prefer, if c times the weights are as good as the weights?",
        ),
        because="c times the weights with beta/c cost the same loss, and less decay for c < 1.",
        mutants={
            "Nothing holds it there: it may take over from weights that the decay makes smaller.": (
                "stays"
            ),
            "A gate needs no beta near 0; the smaller it is, the larger the weights have to be.": (
                "falls"
            ),
        },
    ),
    Exercise(
        number="14.7",
        solution=best_scale,
        inputs=a_unit,
        returns=("c", "lowest"),
        hints=(
            "Write a = |w| and b = |v|. Differentiate c^2 a^2 + b^2/c^2 with respect to c.",
            "2 c a^2 = 2 b^2/c^3, so c^4 = b^2/a^2.",
            "c = sqrt(b/a). Put it in: both terms are a b.",
        ),
        because="At the best c both terms are equal: c|w| = |v|/c.",
        mutants={
            "That is c^2. From c^4 = |v|^2/|w|^2 take the fourth root.": (
                "np.sqrt(b / a)",
                "b / a",
            ),
            "** comes before /: x ** 1/4 is x/4. Write x ** (1/4), of x = |v|^2/|w|^2.": (
                "np.sqrt(b / a)",
                "(b / a) / 4",
            ),
            "** comes before /: x ** 1/4 is x/4. Write x ** (1/4).": (
                "np.sqrt(b / a)",
                "(b / a) ** 2 / 4",
            ),
            "** comes before /: x ** 1/2 is x/2. Write x ** (1/2).": (
                "np.sqrt(b / a)",
                "(b / a) / 2",
            ),
            "The other way round: large |w| should become smaller, so c is small then.": (
                "np.sqrt(b / a)",
                "np.sqrt(a / b)",
            ),
            "c = 1 changes nothing. Where is the slope in c zero?": ("np.sqrt(b / a)", "1.0"),
            "Both terms are |w||v|, not its square.": ("2 * a * b", "2 * (a * b) ** 2"),
            "Upside down and squared: c^4 = |v|^2/|w|^2.": ("np.sqrt(b / a)", "a / b"),
            "That is c^4. Take the fourth root of |v|^2/|w|^2.": ("np.sqrt(b / a)", "(b / a) ** 2"),
            "There are two terms, and each is |w||v|.": ("2 * a * b", "a * b"),
            "That is the penalty at c = 1. Put in your c.": ("2 * a * b", "a**2 + b**2"),
            "Both terms are |w||v|, and they are added. You multiplied two squares.": (
                "2 * a * b",
                "a**2 * b**2",
            ),
            "The length is not the largest entry: np.linalg.norm.": (
                "a, b = np.linalg.norm(w), np.linalg.norm(v)",
                "a, b = np.abs(w).max(), np.abs(v).max()",
            ),
            "The lengths multiply: put your c into both terms.": ("2 * a * b", "2 * (a + b)"),
            "c stands squared in both terms.": ("2 * a * b", "c * a**2 + b**2 / c"),
            "|w| is a length, the root of the sum of squares, not the sum of the entries.": (
                "a, b = np.linalg.norm(w), np.linalg.norm(v)",
                "a, b = abs(w.sum()), abs(v.sum())",
            ),
            "Lengths are needed: the root of the sum of squares.": (
                "a, b = np.linalg.norm(w), np.linalg.norm(v)",
                "a, b = np.abs(w).sum(), np.abs(v).sum()",
            ),
            "|w|^2 is the sum of squares; you took it for |w|.": (
                "a, b = np.linalg.norm(w), np.linalg.norm(v)",
                "a, b = (w**2).sum(), (v**2).sum()",
            ),
            "At the lowest point both terms are equal, so it is not 0.": ("2 * a * b", "0.0"),
        },
    ),
    Exercise(
        number="14.8",
        solution="some",
        hints=("Is the gradient of the loss alone zero there?",),
        because="It is a minimum of the sum. The loss alone would like to go on, and the decay"
        " holds it.",
        mutants={
            "A minimum of the sum is not one of the loss: its gradient there is -decay w, not 0.": (
                "none"
            ),
            "Up to half of all? The loss is steep in the directions that the data fix.": "half",
        },
    ),
    Exercise(
        number="14.9",
        solution="output",
        hints=("Which beta can make all predictions surer at once?",),
        because="The output's beta multiplies all logits: it is the network's confidence.",
        mutants={
            "The hidden betas shape the functions; they change the test loss little.": "hidden",
            "One of the two kinds changes next to nothing.": "both",
            "Look at the one that multiplies all logits.": "neither",
        },
    ),
)
