"""The constant that saves an import agrees with the scripts."""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory

from engine.store.migrate import SCRIPTS
from engine.store.revision import HEAD


def test_the_head_constant_is_the_newest_script() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
