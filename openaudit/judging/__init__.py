"""Judging: Evidence → Verdict. A rubric and its conditions, three-valued logic, what least change would help, and why.

Nothing here observes, and nothing knows a rubric by its name. ``scoring.Judge`` is the way in.
"""
