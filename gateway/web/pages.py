"""What our web applications make pages of: templates that escape everything, and files under addresses of their own."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response


def environment(package: str, filters: Mapping[str, Callable[..., object]], names: Mapping[str, object]) -> Environment:
    """Of the templates of a package, read now: whoever upgrades under a running server changes no page of it.

    `filters` and global `names` are what they may use; a name that is not known is an error.
    """
    made = Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters.update(filters)
    made.globals.update(names)
    for name in made.list_templates():
        made.get_template(name)
    return made


class Assets:
    """Style sheets and the like of a package, by name and media type. No other file of it is given out."""

    def __init__(self, package: str, kinds: Mapping[str, str]) -> None:
        self._package = package
        self._kinds = kinds

    def address(self, name: str) -> str:
        """Another one for each version, so that a browser may keep it for ever."""
        return f"/static/{name}?{_static(self._package, name)[1]}"

    def answer(self, request: Request) -> Response:
        """To a request for one of them."""
        name = request.path_params["name"]
        kind = self._kinds.get(name)
        if kind is None:
            return PlainTextResponse("not found\n", 404)
        octets, _ = _static(self._package, name)
        return Response(octets, headers={"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"})


@cache
def _static(package: str, name: str) -> tuple[bytes, str]:
    """Octets, and a mark of the version."""
    octets = (files(package) / "static" / name).read_bytes()
    return octets, sha256(octets).hexdigest()[:12]
