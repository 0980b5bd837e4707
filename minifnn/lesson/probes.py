"""What is wrong with a wrong function: listed slips alone and together, then without a list."""

from .differences import difference


def diagnosis(exercise, runs):
    for message, mutant in exercise.mutants.items():
        if all(difference(exercise, run.got, mutant(*run.arguments.values())) is None for run in runs):
            return message
    return next(filter(None, (difference(exercise, run.got, run.expected) for run in runs)))


def listed(exercise):
    return exercise.mutants
