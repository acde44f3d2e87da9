"""The queue: who may take a run, and what becomes of the runs of the dead."""
