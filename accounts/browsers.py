"""A browser and a network in words that their user knows again (S15).

Read from what the browser says of itself, by simple signs: no directory, no look-up
elsewhere. A wrong guess costs a word on a page, nothing else.
"""

import ipaddress

UNKNOWN = "Navigateur inconnu"

# The first sign found names it: many browsers also call themselves Chrome or Safari.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("iPhone", "sur iPhone"),
    ("iPad", "sur iPad"),
    ("Android", "sur Android"),
    ("Windows", "sous Windows"),
    ("Macintosh", "sur Mac"),
    ("CrOS", "sur Chromebook"),
    ("Linux", "sous Linux"),
]


def in_words(agent: str) -> str:
    """« Firefox sous Windows », from the header that a browser sends."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return f"{browser or UNKNOWN} {system}".strip()


def network_of(address: str | None) -> str:
    """The network of an address: /24, or /48 in IPv6; nothing where there is none."""
    if not address:
        return ""
    ip = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def short(network: str) -> str:
    """That network as a page shows it: « 192.0.2.x »."""
    if not network:
        return "inconnu"
    base = ipaddress.ip_network(network).network_address
    if base.version == 4:
        return str(base).rpartition(".")[0] + ".x"
    return ":".join(base.exploded.split(":")[:3]) + ":x"
