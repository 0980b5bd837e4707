"""What the package rests on: validated arguments, files, threads, a progress bar."""
