"""Line icons of 16 pixels, drawn here, in the colour of the text around them."""

from __future__ import annotations

_PATHS = {
    "plus": "M8 3v10M3 8h10",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "close": "M4 4l8 8M12 4l-8 8",
    "send": "M8 13V3M3.5 7.5L8 3l4.5 4.5",
    "stop": "M4.5 4.5h7v7h-7z",
    "copy": "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
    "retry": "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
    "edit": "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
    "up": "M5 13.5H3v-6h2zM5 7.5l2.5-5c1 0 1.6.7 1.4 1.8L8.5 6.5h4l-1 7H5",
    "down": "M11 2.5h2v6h-2zM11 8.5l-2.5 5c-1 0-1.6-.7-1.4-1.8l.4-2.2h-4l1-7H11",
    "search": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7L14 14",
    "trash": "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9",
    "share": "M6.5 9.5l3-3M7 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5L7.5 13a2.8 2.8 0 0 1-4-4L5 7.5",
    "download": "M8 2.5v8M4.5 7L8 10.5 11.5 7M3 13.5h10",
    "upload": "M8 10.5v-8M4.5 6L8 2.5 11.5 6M3 13.5h10",
    "previous": "M10 3L5 8l5 5",
    "next": "M6 3l5 5-5 5",
    "check": "M3 8.5l3.5 3.5L13 4.5",
    "warn": "M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.5v.6",
    "cross": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6 6l4 4M10 6l-4 4",
    "settings": "M2.5 5h5M10.5 5h3M2.5 11h3M8.5 11h5M9 3.5v3M7 9.5v3",
    "book": "M8 4C6 2.8 4 2.8 2.5 3.2v9.5C4 12.3 6 12.3 8 13.5c2-1.2 4-1.2 5.5-.8V3.2C12 2.8 10 2.8 8 4zM8 4v9.5",
    "chart": "M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6",
    "chat": "M2.5 3h11v8H7l-3 2.5V11H2.5z",
    "undo": "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.5 4L3 6.5 5.5 9",
    "file": "M4 2h5.5L12.5 5v9h-8.5zM9.5 2v3h3",
    "print": "M4.5 6V2.5h7V6M4.5 11.5h-2v-5h11v5h-2M4.5 9.5h7v4h-7z",
    "play": "M5 3l8 5-8 5z",
}


def icon(name: str) -> str:
    """The icon ``name`` as SVG that screen readers pass over; ``KeyError`` when there is none."""
    return (
        '<svg class="pr-svg" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" '
        'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
