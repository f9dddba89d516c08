"""One restrained look: system fonts with Chinese ones named, nothing loaded from anywhere, light and dark."""

from __future__ import annotations

import gradio as gr

FONTS = (
    "system-ui",
    "-apple-system",
    "'Segoe UI'",
    "'PingFang SC'",
    "'Hiragino Sans GB'",
    "'Microsoft YaHei'",
    "'Noto Sans CJK SC'",
    "'Source Han Sans SC'",
    "sans-serif",
)
MONO = ("ui-monospace", "Menlo", "Consolas", "'Noto Sans Mono CJK SC'", "monospace")


def build_theme() -> gr.themes.Base:
    """A flat theme; its fonts are names only, so that no font file is fetched."""
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        font=list(FONTS),
        font_mono=list(MONO),
    )
    return theme.set(block_border_width="0px", block_shadow="none", block_background_fill="transparent")
