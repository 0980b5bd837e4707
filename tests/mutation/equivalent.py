"""Why the mutants that no test kills cannot be killed: by module, before and after."""

EQUIVALENT = {}
