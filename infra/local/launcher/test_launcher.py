"""What the launcher changes about ministack, seen from outside.

    .heaters/venv/bin/python infra/local/launcher/test_launcher.py

With `PLAIN_MINISTACK=1` the same tests run against ministack as it comes, and each of them fails.
"""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from unittest import mock

import boto3

HERE = Path(__file__).resolve().parent
PLAIN = bool(os.environ.get("PLAIN_MINISTACK"))
sys.path.insert(0, str(HERE))

import guard  # noqa: E402
import launcher  # noqa: E402

# A function on Lambda's runtime API without any library. The event says what it does.
BOOTSTRAP = b"""#!/usr/bin/env python3
import json, os, subprocess, time, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as answer:
        request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
    result = dict(os.environ)
    if "child_file" in event:
        child = subprocess.Popen(["sleep", "300"])
        open(event["child_file"], "w").write(str(child.pid))
        time.sleep(300)
    data = json.dumps(result).encode()
    urllib.request.urlopen(urllib.request.Request(base + request + "/response", data=data))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, seconds=20.0):
    """The condition's first true value. The limit only ends a test that would fail anyway."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


class Emulator:
    def __init__(self, folder: str):
        self.folder, self.process = folder, None
        self.move()

    def move(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": f"{self.folder}/state",
            "S3_DATA_DIR": f"{self.folder}/s3",
            "TMPDIR": self.folder,
            "ONLY_FOR_THE_EMULATOR": "secret",
        }
        command = [sys.executable, "-m", "ministack"] if PLAIN else [sys.executable, str(HERE / "launcher.py")]
        with open(f"{self.folder}/log", "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        if not eventually(self.is_up):
            raise RuntimeError(Path(f"{self.folder}/log").read_text()[-2000:])

    def is_up(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.endpoint}/_ministack/health").status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait()

    def client(self, service: str):
        config = boto3.session.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, read_timeout=60)
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    def peak_memory_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


class LauncherTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.emulator = Emulator(cls.folder.name)
        cls.emulator.start()

    @classmethod
    def tearDownClass(cls):
        cls.emulator.stop()
        cls.folder.cleanup()

    def deploy(self, name: str, timeout: int) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            file.writestr(entry, BOOTSTRAP)
        self.emulator.client("lambda").create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Role="arn:aws:iam::000000000000:role/test",
            Handler="bootstrap",
            Code={"ZipFile": archive.getvalue()},
            Timeout=timeout,
            Environment={"Variables": {"ITS_OWN": "yes"}},
        )

    def status_of(self, path: str, **headers) -> tuple[int, dict]:
        request = urllib.request.Request(self.emulator.endpoint + path, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers)

    def test_a_range_is_read_without_loading_the_object(self):
        s3, size = self.emulator.client("s3"), 128 << 20
        s3.create_bucket(Bucket="large")
        with open(f"{self.folder.name}/large", "wb") as file:
            file.truncate(size)
            file.seek(100 << 20)
            file.write(b"here")
        s3.upload_file(f"{self.folder.name}/large", "large", "video")
        # Writing 5 resets the peak to what is in use now.
        Path(f"/proc/{self.emulator.process.pid}/clear_refs").write_text("5")
        before = self.emulator.peak_memory_bytes()
        for _ in range(3):
            found = s3.get_object(Bucket="large", Key="video", Range=f"bytes={100 << 20}-{(100 << 20) + 3}")
            self.assertEqual(found["Body"].read(), b"here")
        self.assertLess(self.emulator.peak_memory_bytes() - before, size // 4)

    def test_a_range_of_a_named_version_is_a_range(self):
        s3 = self.emulator.client("s3")
        s3.create_bucket(Bucket="versions")
        s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
        old = s3.put_object(Bucket="versions", Key="a b+ü.mp4", Body=b"0123456789")["VersionId"]
        new = s3.put_object(Bucket="versions", Key="a b+ü.mp4", Body=b"abcdefghij")["VersionId"]
        for version, expected in ((old, b"345"), (new, b"def")):
            found = s3.get_object(Bucket="versions", Key="a b+ü.mp4", VersionId=version, Range="bytes=3-5")
            self.assertEqual(found["ResponseMetadata"]["HTTPStatusCode"], 206)
            self.assertEqual((found["Body"].read(), found["ContentRange"]), (expected, "bytes 3-5/10"))
        whole = s3.get_object(Bucket="versions", Key="a b+ü.mp4", VersionId=old)
        self.assertEqual(whole["Body"].read(), b"0123456789")

    def test_an_upload_event_names_the_version(self):
        s3, sqs, events = (self.emulator.client(name) for name in ("s3", "sqs", "events"))
        queue = sqs.create_queue(QueueName="uploads")["QueueUrl"]
        s3.create_bucket(Bucket="uploads")
        s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket="uploads", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        events.put_rule(Name="uploads", EventPattern=json.dumps({"source": ["aws.s3"]}))
        arn = "arn:aws:sqs:us-east-1:000000000000:uploads"
        events.put_targets(Rule="uploads", Targets=[{"Id": "queue", "Arn": arn}])
        version = s3.put_object(Bucket="uploads", Key="a b+ü.mp4", Body=b"x")["VersionId"]
        [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        found = json.loads(message["Body"])["detail"]["object"]
        self.assertEqual((found["key"], found.get("version-id")), ("a b+ü.mp4", version))

    def test_a_timed_out_function_takes_its_children_along(self):
        self.deploy("hangs", timeout=2)
        child_file = f"{self.folder.name}/child"
        answer = self.emulator.client("lambda").invoke(
            FunctionName="hangs", Payload=json.dumps({"child_file": child_file})
        )
        self.assertIn("timed out", answer["Payload"].read().decode())
        child = int(Path(child_file).read_text())
        self.addCleanup(lambda: is_alive(child) and os.kill(child, signal.SIGKILL))
        self.assertTrue(eventually(lambda: not is_alive(child), seconds=5))

    def test_a_function_sees_its_own_environment_only(self):
        self.deploy("environment", timeout=10)
        answer = self.emulator.client("lambda").invoke(FunctionName="environment", Payload="{}")
        found = json.load(answer["Payload"])
        self.assertEqual((found["ITS_OWN"], found["AWS_ENDPOINT_URL"]), ("yes", self.emulator.endpoint))
        self.assertFalse({"ONLY_FOR_THE_EMULATOR", "STATE_DIR", "S3_DATA_DIR"} & set(found))

    def test_state_survives_a_kill(self):
        self.emulator.client("sqs").create_queue(QueueName="kept")
        saved = Path(f"{self.folder.name}/state/sqs.json")
        eventually(lambda: saved.exists() and "kept" in saved.read_text(), seconds=15)
        self.emulator.stop(signal.SIGKILL)
        self.emulator.start()
        urls = self.emulator.client("sqs").list_queues().get("QueueUrls", [])
        self.assertTrue(any(url.endswith("/kept") for url in urls), urls)

    def test_a_queue_reaches_its_function_after_a_start_at_another_port(self):
        self.deploy("receiver", timeout=10)
        sqs = self.emulator.client("sqs")
        url = sqs.create_queue(QueueName="moved")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.emulator.client("lambda").create_event_source_mapping(FunctionName="receiver", EventSourceArn=arn, BatchSize=1)
        self.emulator.stop()
        self.emulator.move()
        self.emulator.start()
        sqs = self.emulator.client("sqs")
        url = sqs.get_queue_url(QueueName="moved")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="{}")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        left = lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()
        self.assertTrue(eventually(lambda: all(count == "0" for count in left())), "nobody took the message")

    def test_pages_of_other_sites_are_refused(self):
        bucket = self.emulator.client("s3")
        bucket.create_bucket(Bucket="private")
        bucket.put_object(Bucket="private", Key="video", Body=b"x")
        self.assertEqual(self.status_of("/private/video")[0], 200)
        self.assertEqual(self.status_of("/private/video", Origin="https://elsewhere.example")[0], 403)
        self.assertEqual(self.status_of("/private/video", Host="elsewhere.example")[0], 403)
        own = self.emulator.endpoint
        status, headers = self.status_of("/private/video", Origin=own)
        self.assertEqual((status, headers.get("access-control-allow-origin")), (200, own))
        _, headers = self.status_of("/private/video")
        self.assertFalse([name for name in headers if name.lower().startswith("access-control-")])


class UnitTest(unittest.TestCase):
    def test_another_version_of_ministack_is_refused(self):
        with mock.patch("importlib.metadata.version", return_value="1.6.0"), self.assertRaises(SystemExit) as refused:
            launcher.check_version()
        self.assertIn("1.5.33", str(refused.exception))

    def test_the_api_speaks_for_itself(self):
        sent = []

        async def api(_scope, _receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"access-control-allow-origin", b"s")]})

        async def send(message):
            sent.append(message)

        headers = [(b"host", b"127.0.0.1:4599"), (b"origin", b"https://elsewhere.example")]
        scope = {"type": "http", "path": "/_aws/execute-api/heaters/v1/me", "headers": headers}
        asyncio.run(guard.guarded(api, {"http://127.0.0.1:4599"})(scope, None, send))
        self.assertEqual(sent[0]["headers"], [(b"access-control-allow-origin", b"s")])

    def test_only_names_of_this_machine_are_local(self):
        self.assertTrue(all(map(guard.is_local_host, ("127.0.0.1:4599", "localhost", "x.localhost:1", "[::1]:4599"))))
        self.assertFalse(any(map(guard.is_local_host, ("", "127.0.0.1.example:4599", "evil.example"))))


if __name__ == "__main__":
    unittest.main()
