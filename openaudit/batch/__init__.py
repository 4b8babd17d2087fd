"""Many models: a list becomes a journal, the journal a run. Bounded in memory, and safe to stop at any moment."""
