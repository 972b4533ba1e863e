"""Name browser and network in words (S15)."""

import ipaddress

UNKNOWN = "Navigateur inconnu"

# The first match names it: many browsers also call themselves Chrome or Safari.
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
    """Format a User-Agent as « Firefox sous Windows »."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return f"{browser or UNKNOWN} {system}".strip()


def network_of(address: str | None, v4: int = 24, v6: int = 48) -> str:
    """Return an address's network; IPv4-mapped counts as IPv4."""
    if not address:
        return ""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = v4 if ip.version == 4 else v6
    return str(ipaddress.ip_network((ip, bits), strict=False))


def short(network: str) -> str:
    """Format a network for a page: « 192.0.2.x »."""
    if not network:
        return "inconnu"
    base = ipaddress.ip_network(network).network_address
    if base.version == 4:
        return str(base).rpartition(".")[0] + ".x"
    return ":".join(base.exploded.split(":")[:3]) + ":x"
