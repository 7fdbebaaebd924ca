"""The studio's colours and type as a Gradio theme.

Paper and ink instead of panels: warm greys, one quiet green for what is done or active, one brick
red for what needs the writer. The same values live in `assets/css/base.css` as `--lw-*` variables
for our own components; Gradio's widgets get them here. Fonts come from Gradio's wheel and `assets/fonts`;
nothing is fetched. Called by `app.studio` only.
"""

from __future__ import annotations

from gradio.themes import Base
from gradio.themes.utils.colors import Color
from gradio.themes.utils.fonts import LocalFont

PAPER = Color(
    name="paper",
    c50="#fbfaf7",
    c100="#f4f2ec",
    c200="#e6e2d8",
    c300="#d2ccbf",
    c400="#a59e8f",
    c500="#7a7467",
    c600="#5b564c",
    c700="#403c35",
    c800="#2a2824",
    c900="#1e1d1a",
    c950="#171614",
)
MOSS = Color(
    name="moss",
    c50="#f1f6f2",
    c100="#dfeae1",
    c200="#bfd6c4",
    c300="#94b99c",
    c400="#679877",
    c500="#457a59",
    c600="#356247",
    c700="#2b4f3a",
    c800="#243f30",
    c900="#1d3327",
    c950="#0f1d16",
)


VALUES = {
    "body_background_fill": "*neutral_100",
    "body_background_fill_dark": "*neutral_950",
    "body_text_color": "*neutral_800",
    "body_text_color_dark": "#d9d4c8",
    "body_text_color_subdued": "*neutral_500",
    "body_text_color_subdued_dark": "#958f82",
    "block_background_fill": "transparent",
    "block_background_fill_dark": "transparent",
    "block_border_width": "0px",
    "block_shadow": "none",
    "block_padding": "0px",
    "block_label_background_fill": "transparent",
    "block_label_background_fill_dark": "transparent",
    "block_label_border_width": "0px",
    "block_label_text_color": "*neutral_600",
    "block_label_text_color_dark": "#a8a294",
    "block_title_text_color": "*neutral_600",
    "block_title_text_color_dark": "#a8a294",
    "block_title_text_weight": "500",
    "block_info_text_color": "*neutral_500",
    "block_info_text_color_dark": "#8d8779",
    "panel_background_fill": "transparent",
    "panel_background_fill_dark": "transparent",
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "#201f1c",
    "input_border_color": "*neutral_300",
    "input_border_color_dark": "#3a3731",
    "input_border_color_focus": "*primary_500",
    "input_border_color_focus_dark": "*primary_400",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "border_color_primary": "*neutral_200",
    "border_color_primary_dark": "#33302b",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_dark": "*primary_500",
    "button_primary_background_fill_hover_dark": "*primary_400",
    "button_primary_text_color": "#ffffff",
    "button_primary_text_color_dark": "#ffffff",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_dark": "transparent",
    "button_secondary_background_fill_hover": "*neutral_200",
    "button_secondary_background_fill_hover_dark": "#2b2925",
    "button_secondary_border_color": "*neutral_300",
    "button_secondary_border_color_dark": "#3f3b35",
    "button_border_width": "1px",
    "button_transition": "background-color 120ms",
}
"""Gradio's theme variables, light and `_dark`."""


def build_theme() -> Base:
    """The theme handed to Gradio: light and dark from one set of variables."""
    theme = Base(
        primary_hue=MOSS,
        secondary_hue=MOSS,
        neutral_hue=PAPER,
        radius_size="sm",
        text_size="md",
        spacing_size="md",
        font=[LocalFont("Source Sans Pro", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
    )
    return theme.set(**VALUES)
