"""The page: one self-contained HTML file per audit, for whoever decides.

It asks nothing of any other machine, runs no script, and forbids itself both in its Content Security Policy.
"""

from __future__ import annotations

from openaudit.formats import register
from openaudit.result import Audit


@register("html", ".html", "the page, for people: one file that reads on a phone, in print and without a network")
def render(audit: Audit) -> str:
    """Renders the page. The same audit gives the same bytes."""
    # What makes pages takes a while to import, and other formats do without it.
    from openaudit.pages.environment import environment, policy
    from openaudit.pages.view import Footnotes, Once, View, Words

    page = environment().get_template("page.html.j2")
    made = {"words": Words(), "footnotes": Footnotes(), "once": Once()}
    return page.render(audit=audit, view=View(audit), csp=policy(), **made) + "\n"
