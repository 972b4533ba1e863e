"""Import the registers of every app: ``retention``, ``personal_data``, ``emails``…"""

from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path

from django.apps import apps


@cache
def discover(name: str) -> None:
    """Import the modules of that name, in apps and subjects."""
    places = (f"{name}.py", f"{name}/*.py", f"*/{name}.py", f"*/{name}/*.py")
    for config in apps.get_app_configs():
        root = Path(config.path)
        for file in sorted(chain.from_iterable(map(root.glob, places))):
            inside = file.relative_to(root).with_suffix("").parts
            import_module(".".join((config.name, *inside)).removesuffix(".__init__"))
