"""Logging in, where others can reach the app: OpenID Connect by a provider the user chose, and who may come in."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from model.errors import InvalidSettings
from model.language import phrase

ALLOWED = "BUSH_APP_ALLOWED"
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
LEAST_SECRET = 32  # characters; whoever guesses it can come in as anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How people log in.

    Parameters
    ----------
    provider
        What Streamlit's login needs: where to come back to, and the provider's address, client and secret.
    allowed
        E-mail addresses, as the provider has verified them, of those who may come in.
    """

    provider: Mapping[str, str]
    allowed: tuple[str, ...]

    @property
    def host(self) -> str:
        """The name under which browsers reach the app."""
        return urlsplit(self.provider["redirect_uri"]).hostname or ""


def read_login(path: Path) -> Login:
    """The login a file describes, in TOML.

    Raises
    ------
    InvalidSettings
        If it cannot be read, lacks an entry, lets nobody in, or would send a secret over an open line.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings(
            phrase("the login file {path} cannot be read: {strerror}.", path=path, strerror=error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            phrase("the login file {name} is not TOML: {error}.", name=path.name, error=error)
        ) from error
    unknown = set(document) - {*NEEDED, "allowed"}
    missing = [name for name in NEEDED if not isinstance(document.get(name), str) or not document[name].strip()]
    if unknown or missing:
        told = (
            phrase("there is no entry {unknown!r}", unknown=sorted(unknown)[0])
            if unknown
            else phrase("{missing} must be given", missing=", ".join(missing))
        )
        raise InvalidSettings(
            phrase(
                "{name}: {told}; it holds {needed} and allowed.", name=path.name, told=told, needed=", ".join(NEEDED)
            )
        )
    allowed = document.get("allowed")
    if not isinstance(allowed, list) or not allowed or not all(isinstance(one, str) and "@" in one for one in allowed):
        raise InvalidSettings(
            phrase("{name}: allowed must list the e-mail addresses of those who may come in.", name=path.name)
        )
    if len(document["cookie_secret"]) < LEAST_SECRET:
        raise InvalidSettings(
            phrase(
                "{name}: cookie_secret needs at least {least_secret} characters that nobody guesses.",
                name=path.name,
                least_secret=LEAST_SECRET,
            )
        )
    for name in ("redirect_uri", "server_metadata_url"):
        parts = urlsplit(document[name])
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise InvalidSettings(
                phrase(
                    "{file}: {entry} must begin with https, else the login can be overheard.",
                    file=path.name,
                    entry=name,
                )
            )
    return Login(
        provider={name: document[name] for name in NEEDED}, allowed=tuple(one.strip().casefold() for one in allowed)
    )


def hand_over(login: Login | None) -> None:
    """Leave word for the pages of this process who may come in; nobody is asked where there is no login."""
    os.environ[ALLOWED] = json.dumps(login.allowed) if login else ""


def allowed() -> tuple[str, ...]:
    """Who may come in; empty where the app is on this computer alone and asks nobody."""
    return tuple(json.loads(os.environ.get(ALLOWED) or "[]"))


def refusal(user: Mapping[str, object], may: tuple[str, ...]) -> str:
    """Why somebody who has logged in may not come in; empty if they may.

    Parameters
    ----------
    user
        What the provider said of them.
    may
        Who may come in.
    """
    address = str(user.get("email") or "").strip()
    if not address:
        return phrase("Your login tells no e-mail address, so that nobody can know whether you may come in.")
    if user.get("email_verified") is not True:
        return phrase("Whether {address} is yours has not been verified by where you logged in.", address=address)
    if address.casefold() not in may:
        return phrase("{address} is not among those who may come in. Ask who runs this app to add it.", address=address)
    return ""
