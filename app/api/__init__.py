"""The studio's own small JSON routes, spoken by assets/js; Gradio only supplies pages and forms."""
