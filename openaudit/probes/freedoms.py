"""The four freedoms: use, study, modify, share."""

from __future__ import annotations

from openaudit.evidence import Fact

_ANYONE = {
    "use": ("anyone may use the model for any purpose", "the licence limits who may use the model, or for what", "the licence gives nobody leave to use the model"),
    "study": ("anyone may study the model", "the licence limits studying the model", "the licence gives nobody leave to study the model"),
    "modify": ("anyone may change the model", "the licence limits changing the model", "the licence does not allow changing the model"),
    "share": ("anyone may pass the model on, changed or not", "the licence limits passing the model on", "the licence does not allow passing the model on"),
}  # fmt: skip
FREEDOMS = tuple(_ANYONE)


def freedom(prefix: str, name: str, whose: str) -> Fact:
    """The fact that tells one freedom: granted, limited or denied."""
    granted, limited, denied = _ANYONE[name]
    asks = f"What {whose} let anyone do: {name}?"
    return Fact(f"{prefix}.{name}", asks, {"granted": granted, "limited": limited, "denied": denied})
