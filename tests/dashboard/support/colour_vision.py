"""Simulates colour vision deficiencies."""

from __future__ import annotations

import math

Colour = tuple[float, float, float]

#: What the eye makes of linear red, green and blue: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
#: Simulation of Color Vision Deficiency" (2009), severity 1.0.
VISIONS: dict[str, tuple[Colour, Colour, Colour]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> Colour:
    """Linear red, green and blue, 0 to 1, of "#rrggbb" (sRGB, IEC 61966-2-1)."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    bright, dark = sorted((times((0.2126, 0.7152, 0.0722), linear(colour)) for colour in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def distance(one: str, other: str, vision: str) -> float:
    """The CIELAB distance (1976, D65) of two colours for a kind of vision. A distance of 2.3 is just visible."""
    return math.dist(lab(seen(one, vision)), lab(seen(other, vision)))


def seen(colour: str, vision: str) -> Colour:
    """Linear red, green and blue as seen with this `vision`."""
    given = linear(colour)
    red, green, blue = (min(1.0, max(0.0, times(row, given))) for row in VISIONS[vision])
    return red, green, blue


def lab(colour: Colour) -> Colour:
    """CIELAB of linear red, green and blue."""
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (cielab_root(times(row, colour) / most) for row, most in zip(to_xyz, white, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def cielab_root(value: float) -> float:
    """The cube root, linear near 0, as CIELAB defines it."""
    return math.cbrt(value) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29


def times(one: Colour, other: Colour) -> float:
    """The sum of the products."""
    return sum(a * b for a, b in zip(one, other, strict=True))
