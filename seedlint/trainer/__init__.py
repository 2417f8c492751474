"""The reference trainer: for every risky use of a seed, the corrected pattern, runnable and small enough to copy.

It stands alone: it knows nothing of the linter, and shares with it only the words of the taxonomy.
"""
