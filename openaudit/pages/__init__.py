"""Everything that makes HTML: the audit page and the comparison share one look, one way to escape, one policy.

Nothing here is judged, and nothing is fetched. All that a page shows was written by strangers: every value is cleaned
and escaped on its way into the page, by the environment and not by whoever writes a template.
"""
