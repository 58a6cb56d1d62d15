"""The settings of the notify service."""

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """push_hosts: push services on top of those that browsers use, `host`, `*.host` or `host:port`, comma-separated.

    push_contact: where a push service may complain, `mailto:…` or `https://…`; by default public_url, if that is https.
    push_ca, push_allow_private: for tests, a file of certificates to trust besides, and addresses that are not public.
    previews: whether the pages are looked at that people's links lead to. preview_private: for tests, addresses that
    are not public and are looked at all the same, `127.0.0.1:8000`, comma-separated.
    """

    postgres_url: str
    redis_url: str
    auth_url: str
    threads_url: str
    public_url: str = ""
    push_hosts: str = ""
    push_contact: str = ""
    push_ca: str = ""
    push_allow_private: bool = False
    previews: bool = True
    preview_private: str = ""
