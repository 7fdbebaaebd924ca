"""The models that the writer added, by name. The embedded one is not kept here; files stay where they are.

Called by `engine.backends.registry` and `opening` alone, which know what the details mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from engine.errors import BadInput, NotFound
from engine.store.library import Library
from engine.store.rows import one_line
from engine.store.schema import Model


def add(
    library: Library,
    name: str,
    kind: str,
    location: str,
    *,
    key_env: str | None = None,
    served_name: str | None = None,
    content_hash: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Model:
    """Remember a model (fields: `engine.store.schema.Model`). Raises BadInput for a name that is taken."""
    name = one_line(name)
    with library.session() as session:
        if session.get(Model, name) is not None:
            raise BadInput(f"There is a model called {name} already; remove it or choose another name.")
        model = Model(
            name=name,
            kind=kind,
            location=location,
            key_env=key_env,
            served_name=served_name,
            content_hash=content_hash,
            details=dict(details or {}),
        )
        session.add(model)
        return model


def remove(library: Library, name: str) -> None:
    """Forget a model; versions that it wrote keep its name. Raises NotFound."""
    with library.session() as session:
        model = session.get(Model, name)
        if model is None:
            raise _unknown(name)
        session.delete(model)


def get(library: Library, name: str) -> Model:
    """The model of that name. Raises NotFound."""
    with library.reading() as session:
        model = session.get(Model, name)
    if model is None:
        raise _unknown(name)
    return model


def all(library: Library) -> list[Model]:  # noqa: A001
    """All added models, by name."""
    with library.reading() as session:
        return list(session.exec(select(Model).order_by(col(Model.name))).all())


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no model called {name}; `longwright models list` shows them.")
