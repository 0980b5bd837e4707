"""What the package stands on: arguments validated, files written atomically, threads."""
