"""Colours of CSS as the six hexadecimal digits that Jira accepts."""

import colorsys
import re
from functools import lru_cache

_HEX = re.compile(r"^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$")
_FUNCTION = re.compile(r"^(rgb|hsl)a?\(([^)]*)\)$")
_NAMED = """
aqua 00ffff black 000000 blue 0000ff fuchsia ff00ff gray 808080 grey 808080 green 008000 lime 00ff00
maroon 800000 navy 000080 olive 808000 purple 800080 red ff0000 silver c0c0c0 teal 008080 white ffffff
yellow ffff00 orange ffa500 aliceblue f0f8ff antiquewhite faebd7 aquamarine 7fffd4 azure f0ffff beige f5f5dc
bisque ffe4c4 blanchedalmond ffebcd blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0
chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c
cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400
darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00
darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b
darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493
deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
forestgreen 228b22 gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 greenyellow adff2f
honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa
lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080
lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3
lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899
lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 limegreen 32cd32 linen faf0e6
magenta ff00ff mediumaquamarine 66cdaa mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db
mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a mediumturquoise 48d1cc
mediumvioletred c71585 midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5
navajowhite ffdead oldlace fdf5e6 olivedrab 6b8e23 orangered ff4500 orchid da70d6 palegoldenrod eee8aa
palegreen 98fb98 paleturquoise afeeee palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f
pink ffc0cb plum dda0dd powderblue b0e0e6 rebeccapurple 663399 rosybrown bc8f8f royalblue 4169e1
saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d
skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f
steelblue 4682b4 tan d2b48c thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3
whitesmoke f5f5f5 yellowgreen 9acd32
"""
_WORDS = _NAMED.split()
NAMED_COLORS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))

# Words that ask for the reader's own colour.
DEFAULT_WORDS = frozenset(
    {"inherit", "initial", "unset", "revert", "currentcolor", "windowtext", "window", "transparent", "auto", "none"}
)
_DARK = 0x50
_GREY_DISTANCE = 0x30
_LIGHT = 0xF0


@lru_cache(maxsize=2048)
def hex_color(value: str) -> str | None:
    """`#rrggbb` of a CSS colour; None for words that mean the default and for what is no colour."""
    text = value.strip().lower()
    match = _HEX.match(text)
    if match:
        digits = match.group(1)
        if len(digits) < 6:
            digits = "".join(digit * 2 for digit in digits)
        return "#" + digits[:6]
    if text in NAMED_COLORS:
        return "#" + NAMED_COLORS[text]
    function = _FUNCTION.match(text)
    return _from_function(function.group(1), function.group(2)) if function else None


def _from_function(name: str, arguments: str) -> str | None:
    parts = re.split(r"[\s,/]+", arguments.strip())
    if len(parts) not in {3, 4}:
        return None
    try:
        if len(parts) == 4 and float(parts[3].rstrip("%")) == 0:
            return None
        if name == "rgb":
            channels = [_channel(part) for part in parts[:3]]
        else:
            hue = float(parts[0].removesuffix("deg")) % 360 / 360
            saturation, lightness = (float(part.rstrip("%")) / 100 for part in parts[1:3])
            channels = [round(part * 255) for part in colorsys.hls_to_rgb(hue, lightness, saturation)]
    except (ValueError, OverflowError):
        return None
    return "#" + "".join(f"{min(max(channel, 0), 255):02x}" for channel in channels)


def _channel(part: str) -> int:
    return round(float(part[:-1]) * 2.55) if part.endswith("%") else round(float(part))


def is_default_text_color(color: str) -> bool:
    """Near-black text: what an editor writes into pasted text, unreadable on a dark page."""
    channels = [int(color[position : position + 2], 16) for position in (1, 3, 5)]
    return max(channels) <= _DARK and max(channels) - min(channels) <= _GREY_DISTANCE


def is_default_background(color: str) -> bool:
    """Near-white background, the page's own."""
    return min(int(color[position : position + 2], 16) for position in (1, 3, 5)) >= _LIGHT
