"""What a server's database holds, written as the published API writes it: read from the rows, not asked of the server."""
import json
import sqlite3
import subprocess
import uuid as uuids
from datetime import datetime, timezone


def rfc3339(ms):
    if ms is None:
        return None
    whole = datetime.fromtimestamp(ms // 1000, timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03}Z"


def as_text(blob):
    return None if blob is None else str(uuids.UUID(bytes=blob))


def as_blob(text):
    return uuids.UUID(text).bytes


class Stored:
    """Looks into the database of a running server, never writing. Every look sees what is committed by then."""

    def __init__(self, kiln):
        self.kiln = kiln
        self.file = kiln.data / "kiln.db"

    def rows(self, sql, *values):
        db = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10)
        try:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, values)]
        finally:
            db.close()

    def row(self, sql, *values):
        (only,) = self.rows(sql, *values)
        return only

    def connection(self, uuid):
        row = self.row("SELECT * FROM repo_connections WHERE uuid = ?", as_blob(uuid))
        same = ("provider_type", "provider_account_id", "provider_account_name", "repo_id", "repo_name")
        return {"repo_connection_uuid": uuid} | {key: row[key] for key in same} | times(row, "deleted_on")

    def trigger(self, uuid, with_token=True):
        row = self.row("SELECT * FROM triggers WHERE uuid = ?", as_blob(uuid))
        out = {"trigger_uuid": uuid, "trigger_name": row["name"], "external_script_id": row["worker_tag"],
               "build_caching_enabled": bool(row["build_caching_enabled"]),
               "repo_connection": self.connection(as_text(row["connection_uuid"]))}
        out |= {key: row[key] for key in ("build_command", "deploy_command", "root_directory")}
        for key in ("branch_includes", "branch_excludes", "path_includes", "path_excludes"):
            out[key] = json.loads(row[key + "_json"])
        if with_token:
            token = self.row("SELECT name FROM build_tokens WHERE uuid = ?", row["build_token_uuid"])
            out |= {"build_token_uuid": as_text(row["build_token_uuid"]), "build_token_name": token["name"],
                    "require_version": bool(row["require_version"]), "paused": bool(row["paused"]), "fork_pull_requests": row["fork_builds"],
                    "report_path_skips": bool(row["report_path_skips"])}
        return out | times(row, "deleted_on")

    def triggers(self, tag):
        rows = self.rows("SELECT uuid FROM triggers WHERE worker_tag = ? AND deleted_on IS NULL ORDER BY created_on, rowid",
                         tag)
        return [self.trigger(as_text(row["uuid"])) for row in rows]

    def build(self, uuid):
        row = self.row("SELECT * FROM builds WHERE uuid = ?", as_blob(uuid))
        same = ("branch", "commit_hash", "commit_message", "author", "build_command", "deploy_command", "root_directory",
                "repo_name", "provider_account_name", "provider_type")
        meta = {key: row[key] for key in same} | {
            "build_trigger_source": row["source"], "build_token_name": row["build_token_name"] or None,
            "build_token_uuid": as_text(row["build_token_uuid"]) if row["build_token_uuid"] else None}
        meta["environment_variables"] = {variable["name"]: "[secret]" if variable["is_secret"] else variable["value"]
                                         for variable in json.loads(row["environment_json"])}
        uploads = self.rows("SELECT version_id, has_preview, alias FROM version_builds WHERE build_number = ? "
                            "ORDER BY ordinal", row["number"])
        versions = [as_text(upload["version_id"]) for upload in uploads]
        previews = [as_text(upload["version_id"])[:8] for upload in uploads if upload["has_preview"]]
        aliases = [upload["alias"] for upload in uploads if upload["has_preview"] and upload["alias"]]
        pull = json.loads(row["pull_request_json"]) if row["pull_request_json"] else None
        if pull:
            pull = {"created_on": rfc3339(pull["created_on"]), "pull_request_url": pull["url"]}
        return {"build_uuid": uuid, "status": row["status"], "build_outcome": row["outcome"],
                "trigger": self.trigger(as_text(row["trigger_uuid"]), with_token=False), "build_trigger_metadata": meta,
                "pull_request": pull, "version_ids": versions,
                "preview_url": self.preview_of(row, previews), "preview_alias_url": self.preview_of(row, aliases)} | times(row, "initializing_on", "running_on", "stopped_on")

    def preview_of(self, build, labels):
        """Where the last of the labels leads; None: there is none."""
        if not labels:
            return None
        status = self.kiln.cli_json("status")
        port = status["workers_url"].rsplit(":", 1)[1]
        worker = self.row("SELECT name FROM workers WHERE tag = ?", build["worker_tag"])["name"]
        return f"http://{labels[-1]}-{worker}.{status['subdomain']}.{status['workers_domain']}:{port}"

    def builds(self, tag):
        """The Worker's builds, newest first."""
        rows = self.rows("SELECT uuid FROM builds WHERE worker_tag = ? ORDER BY number DESC", tag)
        return [self.build(as_text(row["uuid"])) for row in rows]

    def log(self, uuid):
        """[[epoch_ms, text], …]"""
        rows = self.rows("SELECT frame FROM build_logs WHERE build_uuid = ? ORDER BY first_line", as_blob(uuid))
        frames = b"".join(row["frame"] for row in rows)  # frames in a row are what zstd takes as well
        text = subprocess.run(["zstd", "-dc"], input=frames, capture_output=True, check=True).stdout.decode()
        lines = (line.split(" ", 1) for line in text.split("\n")[:-1])
        return [[int(time.removesuffix("!")), text] for time, text in lines]  # "!": the service wrote it

    def variables(self, trigger):
        rows = self.rows("SELECT * FROM trigger_variables WHERE trigger_uuid = ?", as_blob(trigger))
        return {row["name"]: {"is_secret": bool(row["is_secret"]), "value": None if row["is_secret"] else row["value"],
                              "created_on": rfc3339(row["created_on"])} for row in rows}

    def build_tokens(self):
        rows = self.rows("SELECT * FROM build_tokens WHERE deleted_on IS NULL ORDER BY created_on, rowid")
        return [{"build_token_uuid": as_text(row["uuid"]), "build_token_name": row["name"],
                 "cloudflare_token_id": row["cloudflare_token_id"], "owner_type": row["owner_type"]} for row in rows]


def times(row, *maybe):
    return {key: rfc3339(row[key]) for key in ("created_on", "modified_on", *maybe)}
