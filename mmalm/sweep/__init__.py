"""Sweeps: configs x options x seeds, a process a run, resumable, compared over seeds."""
