"""clouds - the servers that the tests of clouds talk to, on loopback

Rados is Ceph's S3 server (one monitor, one OSD in memory, radosgw): it checks
signatures as Amazon does. Azurite is Microsoft's own stand-in for Azure
Blob. Each starts in a few seconds and ends with the program.
"""
import atexit
import base64
import datetime
import email.utils
import hashlib
import hmac
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
NPM = os.path.join(ROOT, "build", "npm")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process):
    """Until somebody listens there."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{process.args[0]} does not listen on port {port}")


def send(port, method, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, body


class Server:
    """Processes that end with us, and a directory for what they write."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="zdbackup-cloud-", dir="/var/tmp")
        self.processes = []
        atexit.register(self.stop)

    def start(self, *command, **options):
        log = open(os.path.join(self.dir, "log"), "ab")
        self.processes.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, **options))
        log.close()
        return self.processes[-1]

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
        shutil.rmtree(self.dir, ignore_errors=True)


CEPH_CONF = """[global]
fsid = {fsid}
mon_host = [v2:127.0.0.1:{mon}]
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_allow_pool_delete = true
mon_pg_warn_min_per_osd = 0
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = {bytes}
ms_bind_ipv4 = true
public_addr = 127.0.0.1
keyring = {dir}/keyring
run_dir = {dir}
admin_socket = {dir}/$name.sock
log_file = {dir}/$name.log
mon_data = {dir}/mon
osd_data = {dir}/osd
rgw_data = {dir}/rgw
mgr_data = {dir}/mgr
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_dns_name = localhost
rgw_thread_pool_size = 16
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = testkey={key}
rgw_enable_usage_log = false
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
rgw_run_sync_thread = false
"""


class Rados(Server):
    access_key = "ZDBACKUPTESTACCESSKEY"
    secret_key = "zdbackup/test+secret=key"

    def __init__(self, megabytes=4096):
        super().__init__()
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.conf = os.path.join(self.dir, "ceph.conf")
        fsid = str(uuid.uuid4())
        with open(self.conf, "w") as file:
            file.write(CEPH_CONF.format(
                fsid=fsid, mon=free_port(), port=self.port, dir=self.dir,
                bytes=megabytes << 20,
                key=base64.b64encode(bytes(range(32))).decode()))
        for name in ("mon", "osd", "rgw"):
            os.mkdir(os.path.join(self.dir, name))
        self.start_monitor(fsid)
        self.start_osd()
        self.start_gateway()

    def tool(self, *command, stdin=None):
        done = subprocess.run(command, input=stdin, capture_output=True,
                              text=True, timeout=60,
                              env=dict(os.environ, CEPH_CONF=self.conf))
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr}")
        return done.stdout

    def start_monitor(self, fsid):
        keyring, monmap = f"{self.dir}/keyring", f"{self.dir}/monmap"
        for name, caps in (("mon.", {"mon": "allow *"}),
                           ("client.admin", {"mon": "allow *",
                                             "osd": "allow *"}),
                           ("osd.0", {"mon": "allow profile osd",
                                      "osd": "allow *"}),
                           ("client.rgw", {"mon": "allow rwx",
                                           "osd": "allow rwx"})):
            self.tool("ceph-authtool", keyring, *(["-C"] if name == "mon." else []),
                      "--gen-key", "-n", name,
                      *(word for cap in caps.items()
                        for word in ("--cap", *cap)))
        with open(self.conf) as file:
            address = [line.split(" = ")[1].strip() for line in file
                       if line.startswith("mon_host")][0]
        self.tool("monmaptool", "--create", "--fsid", fsid, "--addv", "a",
                  address, monmap)
        self.tool("ceph-mon", "-c", self.conf, "--mkfs", "-i", "a",
                  "--monmap", monmap, "--keyring", keyring)
        self.start("ceph-mon", "-c", self.conf, "-f", "-i", "a")

    def start_osd(self):
        identity = str(uuid.uuid4())
        self.tool("ceph", "osd", "new", identity)
        self.tool("ceph-osd", "-c", self.conf, "--mkfs", "-i", "0",
                  "--osd-uuid", identity)
        self.start("ceph-osd", "-c", self.conf, "-f", "-i", "0")

    def start_gateway(self):
        gateway = self.start("radosgw", "-c", self.conf, "-f", "-n",
                             "client.rgw")
        self.tool("radosgw-admin", "-c", self.conf, "user", "create",
                  "--uid", "test", "--display-name", "test", "--access-key",
                  self.access_key, "--secret-key", self.secret_key)
        wait_for(self.port, gateway)

    def request(self, method, path, query=""):
        """A signed request without a body; our own code has no part in it.
        path and query must need no encoding."""
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        scope = f"{day}/us-east-1/s3/aws4_request"
        empty = hashlib.sha256().hexdigest()
        headers = {"host": f"127.0.0.1:{self.port}",
                   "x-amz-content-sha256": empty, "x-amz-date": stamp}
        names = ";".join(headers)
        canonical = "\n".join([method, path, query] + [
            f"{name}:{value}" for name, value in headers.items()] + [
            "", names, empty])
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret_key).encode()
        for word in (*scope.split("/"), text):
            key = hmac.digest(key, word.encode(), "sha256")
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope},"
            f"SignedHeaders={names},Signature={key.hex()}")
        return send(self.port, method, path + ("?" + query if query else ""),
                    headers)

    def create(self, bucket):
        status, body = self.request("PUT", f"/{bucket}")
        assert status == 200, body

    def collect_garbage(self):
        """Free what was removed or replaced; the server puts it off."""
        self.tool("radosgw-admin", "-c", self.conf, "gc", "process",
                  "--include-all")

    def leftovers(self, bucket, prefix):
        """Uploads that nobody completed."""
        return self.request("GET", f"/{bucket}",
                            f"prefix={prefix}&uploads=")[1].count("<Upload>")

    def environment(self, endpoint=None):
        """Variables that lead here."""
        return {"AWS_ACCESS_KEY_ID": self.access_key,
                "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": endpoint or self.endpoint}


class Azurite(Server):
    account = "zdbackuptest"
    key = base64.b64encode(b"a key of azurite for tests only").decode()

    def __init__(self):
        super().__init__()
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}/{self.account}"
        program = install("azurite")
        wait_for(self.port, self.start(
            "node", f"{program}/dist/src/blob/main.js", "--blobHost",
            "127.0.0.1", "--blobPort", str(self.port),
            "--inMemoryPersistence", "--disableTelemetry", "--silent",
            cwd=self.dir, env=dict(
                os.environ, AZURITE_ACCOUNTS=f"{self.account}:{self.key}")))

    def create(self, container):
        date = email.utils.formatdate(usegmt=True)
        path = f"/{self.account}/{container}"
        text = ("PUT" + "\n" * 12 + f"x-ms-date:{date}\n"
                f"x-ms-version:2021-08-06\n/{self.account}{path}\n"
                "restype:container")
        signature = base64.b64encode(hmac.digest(
            base64.b64decode(self.key), text.encode(), "sha256")).decode()
        status, body = send(self.port, "PUT", path + "?restype=container", {
            "x-ms-date": date, "x-ms-version": "2021-08-06",
            "content-length": "0",
            "authorization": f"SharedKey {self.account}:{signature}"})
        assert status == 201, body

    def environment(self, endpoint=None):
        return {"AZURE_STORAGE_ACCOUNT": self.account,
                "AZURE_STORAGE_KEY": self.key,
                "AZURE_STORAGE_SERVICE_ENDPOINT": endpoint or self.endpoint}


def install(package):
    """An npm package of the tests; returns where it is."""
    path = os.path.join(NPM, "node_modules", package)
    if not os.path.exists(path):
        done = subprocess.run(
            ["npm", "install", "--prefix", NPM, "--no-audit", "--no-fund",
             "--silent", package], capture_output=True, text=True,
            timeout=500)
        if done.returncode:
            raise unittest.SkipTest(f"npm could not install {package}: "
                                    f"{done.stderr}")
    return path
