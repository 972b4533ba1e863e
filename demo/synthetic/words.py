import tomllib
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("words.toml")
WORDS: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))


def of_job(job: str) -> str:
    """Return « de maçon », « d’hôte » (always mute)."""
    return f"d’{job}" if job[0].lower() in "aeéioôuh" else f"de {job}"


def at_town(name: str) -> str:
    """Return « à Nice », « au Mans »."""
    for article, merged in (("Le ", "au "), ("Les ", "aux ")):
        if name.startswith(article):
            return merged + name.removeprefix(article)
    return f"à {name}"
