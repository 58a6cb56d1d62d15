"""The settings of the media service."""

import os
from pathlib import Path

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """media_file_mb: the largest file. media_day_mb: what one person may upload in 24 hours; media_person_mb: in all.

    All in MiB. media_dir: where files are, and where uploads under way are in any case. media_s3_url: files go there
    instead: `https://id:key@host/bucket?region=…`. media_workers: processes that decode photos.
    """

    postgres_url: str
    threads_url: str
    media_file_mb: int = 25
    media_day_mb: int = 200
    media_person_mb: int = 2048
    media_dir: Path | None = None
    media_s3_url: str = ""
    media_workers: int = max(1, min(4, (os.cpu_count() or 2) // 2))

    @property
    def directory(self) -> Path:
        """Of the files."""
        return self.media_dir or self.data_dir / "files"
