"""Reads of stored objects map the file instead of loading it.

ministack reads an object whole for every GET, ranges included: a 1 GB video costs 1 GB of memory and half a
second each time a stage asks for a few kilobytes. It also ignores `Range` when a version is named, and
answers 200 with the whole object, while S3 answers 206 with the range. Here the body is a memory map: a slice
of it reads only the pages under the slice, and a whole body goes out in pieces.
"""

import mmap
import os
from contextvars import ContextVar

PIECE_BYTES = 1 << 20

# Only GET and UploadPartCopy may be given a map: other callers keep what they read in their records.
_mapping: ContextVar[bool] = ContextVar("mapping", default=False)


def mapped(path: str):
    """The file's content as a read-only map. An empty file can't be mapped."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _streamed(body):
    from ministack.core.responses import StreamingResponse

    async def run(send, _receive):
        for start in range(0, len(body), PIECE_BYTES):
            piece = body[start : start + PIECE_BYTES]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return StreamingResponse(run)


def _ranged(s3, bucket, key, headers, answer):
    """Cuts the range out of a whole answer, as S3 does for named versions too."""
    status, answer_headers, body = answer
    wanted = headers.get("range", "")
    if status != 200 or not wanted:
        return answer
    found = s3._parse_range(wanted, len(body))
    if found is None:
        error = s3._xml_body(s3._range_error_xml(bucket, key))
        return 416, {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}, error
    start, end = found
    # A checksum of the whole object does not fit a part of it.
    kept = {name: value for name, value in answer_headers.items() if not name.lower().startswith("x-amz-checksum-")}
    kept["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    kept["Content-Length"] = str(end + 1 - start)
    return 206, kept, body[start : end + 1]


def install() -> None:
    from ministack.services import s3

    read_body, version_body = s3._read_body, s3._version_body
    get_object, copy_part = s3._get_object, s3._upload_part_copy

    def read_mapped(bucket, key, record):
        path = s3._object_disk_path(bucket, key)
        if not _mapping.get() or record.get("body") is not None or path is None or not os.path.isfile(path):
            return read_body(bucket, key, record)
        return mapped(path)

    def read_version_mapped(bucket_record, bucket, key, version):
        if not _mapping.get() or not s3._version_file_exists(bucket, key, version["version_id"]):
            return version_body(bucket_record, bucket, key, version)
        return mapped(s3._version_disk_path(bucket, key, version["version_id"]))

    def get_mapped(bucket, key, headers, query_params=None):
        # Calls inside the emulator, such as a Map reading its items, have no headers and want bytes.
        if not headers:
            return get_object(bucket, key, headers, query_params)
        token = _mapping.set(True)
        try:
            answer = get_object(bucket, key, headers, query_params)
            status, answer_headers, body = _ranged(s3, bucket, key, headers, answer)
        finally:
            _mapping.reset(token)
        if isinstance(body, mmap.mmap):
            answer_headers.setdefault("Content-Length", str(len(body)))
            return status, answer_headers, _streamed(body)
        return status, answer_headers, body

    def copy_mapped(bucket, key, query_params, headers):
        # Without a range the part is the whole object and becomes a record's body.
        token = _mapping.set(bool(headers.get("x-amz-copy-source-range")))
        try:
            return copy_part(bucket, key, query_params, headers)
        finally:
            _mapping.reset(token)

    def version_entry_without_body(record, version_id, _data):
        # The bytes of every version lie on disk; a copy of each in memory is lost on restart anyway.
        return version_entry(record, version_id, None if s3.S3_PERSIST else _data)

    version_entry = s3._version_entry_from_record
    s3._read_body = read_mapped
    s3._version_body = read_version_mapped
    s3._get_object = get_mapped
    s3._upload_part_copy = copy_mapped
    s3._version_entry_from_record = version_entry_without_body
