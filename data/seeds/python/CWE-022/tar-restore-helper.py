import os
import tarfile


def restore_backup(archive_path, destination):
    """Unpack a nightly backup and return the names of its files."""
    os.makedirs(destination, exist_ok=True)
    archive = tarfile.open(archive_path)
    names = archive.getnames()
    archive.extractall(destination)
    archive.close()
    return names


def newest_backup(folder):
    backups = [entry for entry in os.scandir(folder) if entry.name.endswith(".tar.gz")]
    if not backups:
        return None
    return max(backups, key=lambda entry: entry.stat().st_mtime).path
