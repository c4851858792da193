"""HTML as text: what a person sees, and all that is there.

A page is read once, into events (`page`, which asks `tags`, `styles` and `names` what is shown); the events are put
together in more than one way (`rendered`, `view`, `mosaic`). What browsers write into a page by themselves makes
another source, which is read likewise (`generated`).
"""

from gateway.extract.html.rendered import Rendered, render, shown
from gateway.extract.html.view import View

__all__ = ["Rendered", "View", "render", "shown"]
